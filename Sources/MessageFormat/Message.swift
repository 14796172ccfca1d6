public import Foundation

/// A parsed text in ICU's MessageFormat 1.
public struct Message: Sendable {
    /// The maximum length of a text in Unicode scalars.
    public static let maximumLength = 20_000
    /// The maximum nesting of plurals and selects.
    public static let maximumDepth = 16

    /// The text as it was given.
    public let text: String
    /// The language whose rules and formats apply.
    public let language: LanguageTag
    /// The uses of variables, by position in the text, without `#`.
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
        // Texts with branches print less than their length, values print more.
        expectedLength = min(text.utf8.count, 200)
    }

    /// Warnings, by offset, about valid text that is probably a mistake: a plural without a branch for a category of
    /// whole numbers below 1,000,000, an unclosed quote, a literal `#` or `}`, a branch that is never taken.
    public func findings() -> [MessageError] { found }

    /// The text with the values that `value` returns for variables. A variable without a value prints nothing.
    public func format(timeZone: TimeZone, _ value: (String) -> MessageValue?) -> String {
        var output = ""
        output.reserveCapacity(expectedLength)
        MessageWriter(formats: formats, timeZone: timeZone).write(nodes, count: nil, to: &output, value)
        return output
    }
}
