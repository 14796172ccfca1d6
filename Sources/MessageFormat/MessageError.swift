/// A mistake in a message.
public struct MessageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where the mistake is, in Unicode scalars from the begin of the text.
    public let offset: Int
    /// What is wrong, and what would be right.
    public let text: String

    public var description: String { "\(offset): \(text)" }

    init(_ offset: Int, _ text: String) {
        self.offset = offset
        self.text = text
    }
}

/// Why a text is no message: all its mistakes.
public struct MessageErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// What makes the text no message, by offset. Never empty.
    public let errors: [MessageError]
    /// What `Message.findings()` would report of the parts that could be read.
    public let findings: [MessageError]

    /// Both, by offset.
    public var all: [MessageError] { (errors + findings).sorted { $0.offset < $1.offset } }

    public var description: String { all.map(\.description).joined(separator: "\n") }
}
