/// Hands large batches on in pieces, so that no step grows with its caller's batch.
public struct ChunkedHandler<Base: Handler>: Handler {
    private let base: Base
    private let limit: Int

    public init(_ base: Base, limit: Int) {
        self.base = base
        self.limit = max(1, limit)
    }

    public func handle(_ messages: [Base.Message]) async throws {
        var rest = messages[...]
        while !rest.isEmpty {
            try await base.handle(Array(rest.prefix(limit)))
            rest = rest.dropFirst(limit)
        }
    }
}
