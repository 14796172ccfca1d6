/// The type, recipient and key part that the events of one window share.
///
/// Its text is unambiguous: the first two parts hold no colon, and the third is the rest.
public struct WindowKey: Sendable, CustomStringConvertible {
    public let type: EventTypeCode
    public let recipient: RecipientID
    /// `nil` if the type has none, which differs from an empty part.
    public let part: String?

    public init(type: EventTypeCode, recipient: RecipientID, part: String?) {
        self.type = type
        self.recipient = recipient
        self.part = part
    }

    /// The stored form: `1:42:7`, or `1:42` without a part.
    public var description: String { text(type: String(type)) }

    /// The form with the type written as `type`.
    public func text(type: String) -> String {
        part.map { "\(type):\(recipient):\($0)" } ?? "\(type):\(recipient)"
    }

    /// Reads the stored form.
    public init?(_ description: String) {
        self.init(description) { Int($0) }
    }

    /// Reads a key whose type `code` can read.
    public init?(_ text: String, code: (String) -> EventTypeCode?) {
        // Split by scalars: a colon with a combining accent is one character, which is not a colon.
        let parts = text.unicodeScalars.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let type = code(String(parts[0])), let recipient = Int64(String(parts[1])) else {
            return nil
        }
        self.init(type: type, recipient: recipient, part: parts.count == 3 ? String(parts[2]) : nil)
    }
}

extension WindowKey: Hashable {
    /// Parts are compared by bytes, as databases do, not by Unicode equivalence.
    public static func == (left: Self, right: Self) -> Bool {
        guard left.recipient == right.recipient, left.type == right.type else { return false }
        return switch (left.part, right.part) {
        case (nil, nil): true
        case (let left?, let right?): left.utf8.elementsEqual(right.utf8)
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(type)
        hasher.combine(recipient)
        // Strings that are canonically equal have the same hash; this costs only a comparison.
        hasher.combine(part)
    }
}
