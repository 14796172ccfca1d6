import Synchronization

/// Numbers in the order in which they came.
final class Counts: Sendable {
    private let numbers = Mutex<[Int]>([])

    func add(_ number: Int) { numbers.withLock { $0.append(number) } }

    var all: [Int] { numbers.withLock(\.self) }
}
