import SheafCore
import Testing

/// Blocks tasks until it is opened.
actor Gate {
    private var isOpen = false
    private var continuations: [CheckedContinuation<Void, Never>] = []

    var waiting: Int { continuations.count }
    var isWaiting: Bool { !continuations.isEmpty }

    func wait() async {
        guard !isOpen else { return }
        await withCheckedContinuation { continuations.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in continuations { continuation.resume() }
        continuations = []
    }
}

/// The code of the error that `body` throws; `nil` if it throws none.
func code(of body: () async throws -> Void) async -> SheafError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? SheafError)?.code
    }
}

/// Waits until `condition` is true.
func until(_ condition: () async -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while await !condition() {
        guard ContinuousClock.now < deadline else { throw SheafError(.unavailable, "it never happened") }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Numbers in the order in which they came.
actor Order {
    private(set) var numbers: [Int] = []

    func append(_ number: Int) { numbers.append(number) }
}
