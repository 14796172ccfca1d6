/// The sales service, as the factories need it.
public protocol SalesService: Sendable {
    /// The `items` that are banned in `sale`; an item the service does not know is not banned.
    ///
    /// - Parameter items: different ids, any number of them.
    /// - Throws: a transient error if the service is unavailable.
    func bannedItems(among items: [Int64], in sale: Int64) async throws -> Set<Int64>
}

/// Replaces the sales service if there is none: it trusts the events, so every item is banned.
public struct TrustingSalesService: SalesService {
    public init() {}

    public func bannedItems(among items: [Int64], in sale: Int64) async -> Set<Int64> { Set(items) }
}
