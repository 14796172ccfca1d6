/// The error of this type that `body` ends with; `nil` if it ends otherwise.
///
/// Checks use no closures within expectations: the compiler can take one for another of the same type there.
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
