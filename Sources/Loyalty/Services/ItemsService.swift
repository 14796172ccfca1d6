/// The items service, as the factories need it.
public protocol ItemsService: Sendable {
    /// The titles of `items`; an item the service does not know has none.
    ///
    /// - Parameter items: different ids, any number of them.
    /// - Throws: a transient error if the service is unavailable.
    func titles(of items: [Int64]) async throws -> [Int64: String]
}

/// Replaces the items service if there is none: items have only numbers.
public struct UntitledItemsService: ItemsService {
    public init() {}

    public func titles(of items: [Int64]) async -> [Int64: String] { [:] }
}
