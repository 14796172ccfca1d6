/// A page of a list.
public struct PageDocument<Item: Encodable & Sendable>: Encodable, Sendable {
    public let items: [Item]
    /// The cursor of the next page; `nil` on the last.
    public let next: String?

    private enum CodingKeys: CodingKey { case items, next }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(next, forKey: .next)
    }
}
