import SheafCore
import Testing

extension DebouncerConformance {
    /// Random scripts, the same in every run.
    static var scripts: [Check] {
        (UInt64(1)...10).map { seed in
            Check("Random script \(seed): every event is claimed and acknowledged once, and none is lost") {
                harness async throws in
                var script = DebouncerScript(harness, seed: seed)
                try await script.run(steps: harness.isExact ? 1000 : 200)
            }
        }
    }
}

/// Runs random operations on a debouncer and compares the results with a ``DebouncerModel``.
private struct DebouncerScript {
    private let harness: any DebouncerHarness
    private var random: SeededGenerator
    private let samples = Samples()
    private var model = DebouncerModel()
    private let lanes: [(key: WindowKey, policy: WindowPolicy)]
    private var added: [DebounceEntry] = []
    private var claims: [WindowClaim] = []
    private var elapsed: Duration = .zero
    private var step = 0

    init(_ harness: any DebouncerHarness, seed: UInt64) {
        self.harness = harness
        random = SeededGenerator(seed: seed)
        let (short, long) = (harness.ticks(3), harness.ticks(7))
        let policies = [
            WindowPolicy(length: long), WindowPolicy(length: long, maxEvents: 3),
            WindowPolicy(mode: .sliding, length: short, maxWait: long),
            WindowPolicy(mode: .sliding, length: short, maxWait: long, maxEvents: 4),
            WindowPolicy(mode: .leading, length: long), WindowPolicy(mode: .leading, length: short, maxEvents: 2),
        ]
        lanes = policies.enumerated().map { index, policy in
            (WindowKey(type: 1, recipient: Int64(index / 2), part: index % 2 == 0 ? nil : "a:\(index)"), policy)
        }
    }

    mutating func run(steps: Int) async throws {
        while step < steps {
            step += 1
            try await doSomething()
        }
        try await drain()
    }

    private mutating func doSomething() async throws {
        switch Int.random(in: 0..<200, using: &random) {
        case 0..<80: try await add()
        case ..<110: try await claim()
        case ..<130: try await acknowledge()
        case ..<142: try await release()
        case ..<150: try await renew()
        case ..<180: try await advance(by: harness.ticks(Int.random(in: 0...3, using: &random)))
        case ..<190: try await askForMissing()
        case ..<198: _ = try await harness.debouncer.flush(lanes[Int.random(in: 0..<lanes.count, using: &random)].key)
        default: try await erase()
        }
    }

    private func require(_ holds: Bool, _ what: String) throws {
        try #require(holds, "step \(step): \(what)")
    }

    private mutating func advance(by duration: Duration) async throws {
        try await harness.advance(by: duration)
        elapsed += duration
    }

    private mutating func add() async throws {
        let entries = (0..<Int.random(in: 1...8, using: &random)).map { _ in
            if Int.random(in: 0..<4, using: &random) == 0, let old = added.suffix(60).randomElement(using: &random) {
                return old
            }
            let lane = lanes[Int.random(in: 0..<lanes.count, using: &random)]
            return DebounceEntry(event: samples.eventID(), key: lane.key, policy: lane.policy)
        }
        let admissions = try await harness.debouncer.add(entries)
        try require(admissions.count == entries.count, "an admission for each entry")
        for (entry, admission) in zip(entries, admissions) {
            try require(model.admit(entry, admission.outcome), "\(admission.outcome) for \(entry)")
        }
        added += entries
    }

    private mutating func claim() async throws {
        let windows = Int.random(in: 1...4, using: &random)
        let lease = harness.ticks(Int.random(in: 1...6, using: &random))
        let batch = try await harness.debouncer.claim(
            windows: windows, events: Int.random(in: 1...12, using: &random), lease: lease)
        try require(batch.claims.count <= windows, "no more windows than asked for")
        try notice(batch, lease: lease)
    }

    private mutating func notice(_ batch: ClaimBatch<WindowClaim>, lease: Duration) throws {
        for claim in batch.claims {
            let fault = model.claim(
                claim, maxEvents: lanes.first { $0.key == claim.window.key }?.policy.maxEvents ?? 0,
                at: harness.isExact ? elapsed : nil, until: elapsed + lease)
            try require(fault == nil, "\(fault ?? "") in \(claim)")
        }
        try require(batch.nextDueIn != nil || model.isEmpty, "a next window while events wait")
        claims += batch.claims
    }

    private mutating func acknowledge() async throws {
        let some = someClaims()
        try await harness.debouncer.acknowledge(some)
        for claim in some { model.acknowledge(claim) }
    }

    private mutating func release() async throws {
        let some = someClaims()
        let delay = harness.ticks(Int.random(in: 0...4, using: &random))
        try await harness.debouncer.release(some) { _ in delay }
        for claim in some { model.release(claim, until: elapsed + delay) }
    }

    private mutating func renew() async throws {
        let some = someClaims()
        let lease = harness.ticks(Int.random(in: 1...6, using: &random))
        let held = try await harness.debouncer.renew(some, lease: lease)
        try require(held == Set(some.filter(model.isHeld).map(\.id)), "the claims that are held")
        for claim in some { model.renew(claim, until: elapsed + lease) }
    }

    /// Some of the latest claims, including claims that are not held any more.
    private mutating func someClaims() -> [WindowClaim] {
        let count = Int.random(in: 1...3, using: &random)
        return Array(claims.suffix(12).shuffled(using: &random).prefix(count))
    }

    private mutating func askForMissing() async throws {
        let entries = Set(added.suffix(200).shuffled(using: &random).prefix(20))
        let missing = try await harness.debouncer.missing(Array(entries))
        try require(Set(missing) == entries.filter { !model.isWaiting($0) }, "the events that wait nowhere")
    }

    private mutating func erase() async throws {
        let recipient = lanes[Int.random(in: 0..<lanes.count, using: &random)].key.recipient
        try await harness.debouncer.erase(recipient: recipient)
        model.erase(recipient)
    }

    /// Makes all windows due and acknowledges them; then nothing may be left.
    private mutating func drain() async throws {
        for _ in 0..<1000 {
            let lease = harness.ticks(5)
            let batch = try await harness.debouncer.claim(windows: 100, events: 1000, lease: lease)
            try notice(batch, lease: lease)
            try await harness.debouncer.acknowledge(batch.claims)
            for claim in batch.claims { model.acknowledge(claim) }
            if batch.claims.isEmpty {
                guard let next = batch.nextDueIn else { break }
                try await advance(by: next)
            }
        }
        try require(model.isEmpty, "every event has come out")
        try require(try await harness.debouncer.openWindows(after: nil, limit: 1).total == 0, "no window is left")
    }
}
