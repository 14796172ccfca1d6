import Synchronization

/// A number that tasks count up.
final class Tally: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .acquiring) }

    /// - Returns: the number before.
    @discardableResult
    func add(_ count: Int = 1) -> Int { number.add(count, ordering: .acquiringAndReleasing).oldValue }
}
