/// Limits concurrent work: most checks measure time, and too many at once would disturb each other.
actor Slots {
    static let all = 16
    static let shared = Slots(all)

    private var free: Int
    private var waiting: [(weight: Int, continuation: CheckedContinuation<Void, Never>)] = []

    init(_ count: Int) { free = count }

    /// Runs `body` once there is room for it, first come, first served.
    func run(weight: Int = 1, _ body: @Sendable () async throws -> Void) async throws {
        await take(weight)
        defer { giveBack(weight) }
        try await body()
    }

    private func take(_ weight: Int) async {
        if waiting.isEmpty, free >= weight {
            free -= weight
        } else {
            await withCheckedContinuation { waiting.append((weight, $0)) }
        }
    }

    private func giveBack(_ weight: Int) {
        free += weight
        while let next = waiting.first, next.weight <= free {
            free -= next.weight
            waiting.removeFirst()
            next.continuation.resume()
        }
    }
}
