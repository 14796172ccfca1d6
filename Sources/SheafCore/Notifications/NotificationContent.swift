/// The words of a notification.
public struct NotificationContent: Hashable, Sendable {
    /// The title in the list of notifications.
    public var listTitle: String
    /// The line below it.
    public var listDescription: String
    /// The title of the opened notification.
    public var fullTitle: String
    /// The text of the opened notification.
    public var fullText: String

    public init(listTitle: String, listDescription: String, fullTitle: String, fullText: String) {
        self.listTitle = listTitle
        self.listDescription = listDescription
        self.fullTitle = fullTitle
        self.fullText = fullText
    }
}
