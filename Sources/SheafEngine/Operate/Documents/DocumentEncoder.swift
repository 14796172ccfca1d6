import FoundationEssentials

/// Writes the documents of the API and the command line as JSON.
public struct DocumentEncoder: Sendable {
    private let isPretty: Bool

    /// - Parameter isPretty: whether members are sorted and each is on its own line, for people to read.
    public init(isPretty: Bool = false) { self.isPretty = isPretty }

    /// The UTF-8 text of `document`.
    public func encode(_ document: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            isPretty ? [.withoutEscapingSlashes, .prettyPrinted, .sortedKeys] : .withoutEscapingSlashes
        let texts = RawJSONTexts()
        let bytes = try RawJSONTexts.$current.withValue(texts) { [UInt8](try encoder.encode(document)) }
        return texts.inserted(into: bytes)
    }
}
