import Synchronization

/// A number that tasks increment.
final class Tally: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .acquiring) }

    /// - Returns: the previous number.
    @discardableResult
    func add(_ count: Int = 1) -> Int { number.add(count, ordering: .acquiringAndReleasing).oldValue }
}
