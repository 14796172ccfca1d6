/// The sales service, as the factories need it.
public protocol SalesService: Sendable {
    /// Those of `items` that are banned in `sale`; an item the service does not know is not banned.
    ///
    /// - Parameter items: different ids, any number of them.
    /// - Throws: a transient error where the service cannot tell now.
    func bannedItems(among items: [Int64], in sale: Int64) async throws -> Set<Int64>
}

/// What stands for the sales service if there is none: events are taken at their word, so every item is banned.
public struct TrustingSalesService: SalesService {
    public init() {}

    public func bannedItems(among items: [Int64], in sale: Int64) async -> Set<Int64> { Set(items) }
}
