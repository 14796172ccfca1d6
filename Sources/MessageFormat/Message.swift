public import Foundation

/// A text in ICU's MessageFormat 1, parsed.
public struct Message: Sendable {
    /// The longest text that is read, in Unicode scalars.
    public static let maximumLength = 20_000
    /// How deep plurals and selects may stand in each other.
    public static let maximumDepth = 16

    /// The text as it was given.
    public let text: String
    /// The language whose rules and formats apply.
    public let language: LanguageTag
    /// The uses of variables, by their place in the text. `#` is none of its own.
    public let arguments: [MessageArgument]

    let nodes: [MessageNode]
    private let found: [MessageError]
    private let formats: LocaleFormats
    private let expectedLength: Int

    /// Parses `text`.
    ///
    /// Throws all mistakes of the text, not only the first.
    public init(_ text: String, language: LanguageTag) throws(MessageErrors) {
        var parser = MessageParser(text, language: language)
        nodes = parser.parse()
        guard parser.errors.isEmpty else {
            throw MessageErrors(errors: parser.errors.sorted { $0.offset < $1.offset }, findings: parser.findings)
        }
        self.text = text
        self.language = language
        arguments = parser.arguments.sorted { $0.offset < $1.offset }
        found = parser.findings.sorted { $0.offset < $1.offset }
        formats = LocaleFormats.of(language)
        // Texts with branches print less, values more.
        expectedLength = min(text.utf8.count, 200)
    }

    /// What is allowed but hardly meant, by offset: a plural without a branch for a category that whole numbers below
    /// 1,000,000 reach, a quote that is not closed, `#` or `}` where it prints itself, a branch that is never taken.
    public func findings() -> [MessageError] { found }

    /// The text for the values that `value` has for variables. What has no value prints nothing.
    public func format(timeZone: TimeZone, _ value: (String) -> MessageValue?) -> String {
        var output = ""
        output.reserveCapacity(expectedLength)
        MessageWriter(formats: formats, timeZone: timeZone).write(nodes, count: nil, to: &output, value)
        return output
    }
}
