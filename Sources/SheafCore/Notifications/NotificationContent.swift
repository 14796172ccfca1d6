/// The text of a notification, and its category and importance.
public struct NotificationContent: Hashable, Sendable {
    /// The title in the list of notifications.
    public var listTitle: String
    /// The line below it.
    public var listDescription: String
    /// The title of the opened notification.
    public var fullTitle: String
    /// The text of the opened notification.
    public var fullText: String

    /// The link that the notification opens.
    public var url: String?
    /// The language of the texts as a tag; `nil` if it is not known.
    public var locale: String?
    /// The category, for which the recipient can have preferences.
    public var category: String
    /// How urgent it is: `low`, `normal` or `critical`.
    public var importance: String

    public init(
        listTitle: String, listDescription: String, fullTitle: String, fullText: String, url: String? = nil,
        locale: String? = nil, category: String = Self.usualCategory,
        importance: String = Self.usualImportance
    ) {
        self.url = url
        self.locale = locale
        self.category = category
        self.importance = importance
        self.listTitle = listTitle
        self.listDescription = listDescription
        self.fullTitle = fullTitle
        self.fullText = fullText
    }

    /// The content as drivers read it; they store nothing for the usual values.
    public init(
        listTitle: String, listDescription: String, fullTitle: String, fullText: String, url: String?,
        locale: String?, storedCategory: String?, storedImportance: String?
    ) {
        self.init(
            listTitle: listTitle, listDescription: listDescription, fullTitle: fullTitle, fullText: fullText, url: url,
            locale: locale, category: storedCategory ?? Self.usualCategory,
            importance: storedImportance ?? Self.usualImportance)
    }

    /// The category as drivers store it: `nil` for the usual one.
    public var storedCategory: String? { category == Self.usualCategory ? nil : category }
    /// The importance as drivers store it: `nil` for the usual one.
    public var storedImportance: String? { importance == Self.usualImportance ? nil : importance }

    public static let usualCategory = "general"
    public static let usualImportance = "normal"
}
