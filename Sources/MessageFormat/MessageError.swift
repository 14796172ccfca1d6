/// A mistake in a message.
public struct MessageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The offset of the mistake, in Unicode scalars from the beginning of the text.
    public let offset: Int
    /// The mistake, and how to correct it.
    public let text: String

    public var description: String { "\(offset): \(text)" }

    init(_ offset: Int, _ text: String) {
        self.offset = offset
        self.text = text
    }
}

/// Why a text is not a message: all its mistakes.
public struct MessageErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// The mistakes, by offset; never empty.
    public let errors: [MessageError]
    /// The warnings of `Message.findings()` for the parts that could be read.
    public let findings: [MessageError]

    /// Both, by offset.
    public var all: [MessageError] { (errors + findings).sorted { $0.offset < $1.offset } }

    public var description: String { all.map(\.description).joined(separator: "\n") }
}
