/// Splits large batches, so that no step grows with its caller's batch.
struct ChunkedHandler<Base: Handler>: Handler {
    private let base: Base
    private let limit: Int

    init(_ base: Base, limit: Int) {
        self.base = base
        self.limit = max(1, limit)
    }

    func handle(_ messages: [Base.Message]) async throws {
        var rest = messages[...]
        while !rest.isEmpty {
            try await base.handle(Array(rest.prefix(limit)))
            rest = rest.dropFirst(limit)
        }
    }
}
