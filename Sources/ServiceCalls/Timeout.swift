/// An operation took longer than it was given.
struct TimeoutError: Error {}

/// Runs `operation`, and cancels it if it takes longer than `timeout`.
///
/// The HTTP client's own deadline ends with the head of an answer, so that a body could trickle in for ever.
func withTimeout<Value: Sendable>(
    _ timeout: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: operation)
        group.addTask {
            try await Task.sleep(for: timeout)
            throw TimeoutError()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
