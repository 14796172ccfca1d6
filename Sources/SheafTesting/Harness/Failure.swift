/// The error of this type that `body` throws; `nil` if it throws none or another.
///
/// Checks use no closures within expectations: the compiler can confuse closures of the same type there.
func failure<Failure: Error>(
    _: Failure.Type, of body: () async throws -> some Any
) async -> Failure? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? Failure
    }
}
