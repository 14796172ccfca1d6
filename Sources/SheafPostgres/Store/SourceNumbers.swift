import Synchronization

/// The committed numbers under which sources are stored.
final class SourceNumbers: Sendable {
    /// A program has a handful of sources; a flood of invented ones must not grow the memory.
    private static let limit = 1000

    private let known = Mutex<[[UInt8]: Int64]>([:])

    /// The known numbers of `names`, which are bytes.
    func numbers(of names: Set<[UInt8]>) -> [[UInt8]: Int64] {
        known.withLock { known in known.isEmpty ? [:] : known.filter { names.contains($0.key) } }
    }

    func remember(_ numbers: [[UInt8]: Int64]) {
        guard !numbers.isEmpty else { return }
        known.withLock { known in
            if known.count + numbers.count > Self.limit { known = [:] }
            known.merge(numbers) { $1 }
        }
    }
}
