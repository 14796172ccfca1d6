import SheafCore
import Testing

extension EventStoreConformance {
    /// Random scripts, the same in every run.
    static var scripts: [Check] {
        (UInt64(1)...12).map { seed in
            Check("Random script \(seed): every event that is accepted ends once") { harness async throws in
                var script = EventStoreScript(harness, seed: seed)
                try await script.run(steps: harness.isExact ? 800 : 150)
            }
        }
    }
}

/// Runs random operations on a store and compares the results with an ``EventStoreModel``.
private struct EventStoreScript {
    private let harness: any EventStoreHarness
    private var random: SeededGenerator
    private let samples = Samples()
    private var model = EventStoreModel()
    private let lanes: [(key: WindowKey, policy: WindowPolicy)]
    private var accepted: [EventID: Event] = [:]
    /// In the order in which they were accepted.
    private var order: [EventID] = []
    private var claims: [ClaimedWindow] = []
    private var flushed: Set<WindowID> = []
    private var elapsed: Duration = .zero
    private var step = 0

    init(_ harness: any EventStoreHarness, seed: UInt64) {
        self.harness = harness
        var random = SeededGenerator(seed: seed)
        lanes = (0..<7).map { index in
            let policy = WindowPolicy(
                mode: WindowPolicy.Mode.allCases.randomElement(using: &random) ?? .tumbling,
                length: harness.ticks(Int.random(in: 1...7, using: &random)),
                maxWait: harness.ticks(Int.random(in: 5...9, using: &random)),
                maxEvents: Int.random(in: 1...6, using: &random))
            let part = index % 2 == 0 ? nil : "a:\(index)"
            return (WindowKey(type: index % 3, recipient: Int64(index / 2), part: part), policy)
        }
        self.random = random
    }

    mutating func run(steps: Int) async throws {
        while step < steps {
            step += 1
            try await doSomething()
            let counts = try await harness.counts()
            try require(counts?.kept == counts?.counted, "\(String(describing: counts))")
        }
        try await drain()
        try await compareEnds()
    }

    private mutating func doSomething() async throws {
        switch Int.random(in: 0..<200, using: &random) {
        case 0..<70: try await accept()
        case ..<105: try await claim()
        case ..<130: try await digest()
        case ..<140: try await postpone()
        case ..<145: try await nack()
        case ..<150: try await renew()
        case ..<170: try await advance(by: harness.ticks(Int.random(in: 0...3, using: &random)))
        case ..<178: try await flush()
        case ..<184: try await digestRelayed()
        case ..<188: try await adopt()
        case ..<193: try await readmit()
        case ..<198: try await count()
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

    // MARK: - Accepting

    private mutating func admission(of lane: (key: WindowKey, policy: WindowPolicy)) -> Admission {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .alone
        case 1: .relayed
        default: .window(lane.policy)
        }
    }

    private mutating func accept() async throws {
        var batch: [(event: Event, admission: Admission, known: EventID?)] = []
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let lane = lanes[Int.random(in: 0..<lanes.count, using: &random)]
            let isAgain = Int.random(in: 0..<6, using: &random) == 0
            let others = order.suffix(60) + batch.filter { $0.known == nil }.map(\.event.id)
            let known = isAgain ? others.randomElement(using: &random) : nil
            let id = samples.eventID()
            let event = samples.event(
                id: id, recipient: lane.key.recipient, type: lane.key.type, keyPart: lane.key.part,
                producerID: known?.description ?? id.description, payload: "{}")
            batch.append((event, admission(of: lane), known))
        }
        let admitted = batch.map { AdmittedEvent($0.event, $0.admission) }
        let outcomes = try await harness.store.transaction("accept") { try $0.accept(admitted) }
        let expected = batch.map { $0.known.map(AppendOutcome.duplicate(of:)) ?? .stored }
        try require(outcomes == expected, "\(outcomes) for \(batch)")
        for (event, admission, known) in batch where known == nil {
            accepted[event.id] = event
            order.append(event.id)
            model.accept(event, as: admission)
        }
    }

    private mutating func readmit() async throws {
        let some = order.suffix(80).shuffled(using: &random).prefix(4) + model.dead.prefix(2)
        var ways: [EventID: Admission] = [:]
        for id in some {
            guard let own = lanes.first(where: { $0.key == accepted[id]?.windowKey }) else { continue }
            ways[id] = Int.random(in: 0..<5, using: &random) == 0 ? nil : admission(of: own)
        }
        let (ids, admissions) = (Array(some), ways)
        let admitted = try await harness.store.transaction("readmit") { transaction in
            try transaction.readmit(ids) { admissions[$0.id] }
        }
        let expected = Set(some).filter { id in
            ways[id] != nil && (model.unassigned[id] != nil || model.ended[id]?.status == .dead)
        }
        try require(Set(admitted.map(\.id)) == expected && admitted.count == expected.count, "those that are free")
        for event in admitted { if let way = ways[event.id] { model.readmit(event, as: way) } }
    }

    // MARK: - Claiming

    private mutating func claim() async throws {
        let limits = ClaimLimits(
            windows: Int.random(in: 1...4, using: &random), events: Int.random(in: 1...12, using: &random),
            excluding: Int.random(in: 0..<5, using: &random) == 0 ? [0] : [])
        let lease = harness.ticks(Int.random(in: 1...6, using: &random))
        let batch = try await harness.store.claim(limits, lease: lease)
        try require(batch.claims.count <= limits.windows, "no more windows than asked for")
        try require(batch.claims.allSatisfy { !limits.excluding.contains($0.window.key.type) }, "no excluded type")
        let before = batch.claims.dropLast().reduce(0) { $0 + $1.events.count }
        try require(before < limits.events || batch.claims.count < 2, "no window more than there are events for")
        try notice(batch, lease: lease)
        if limits.excluding.isEmpty {
            try require(batch.nextDueIn != nil || model.waiting.isEmpty, "a next window while events wait")
        }
    }

    private mutating func notice(_ batch: ClaimBatch<ClaimedWindow>, lease: Duration) throws {
        for claim in batch.claims {
            let key = claim.window.key
            let isAdopted = claim.window == samples.window(key)
            let policy = isAdopted ? nil : lanes.first { $0.key == key }?.policy
            let fault = model.claim(
                claim, policy: policy, wasFlushed: flushed.contains(claim.id), at: harness.isExact ? elapsed : nil,
                until: elapsed + lease)
            try require(fault == nil, "\(fault ?? "") in \(claim)")
        }
        claims += batch.claims
    }

    /// Some of the latest claims, including claims that are not held any more.
    private mutating func someClaims() -> [ClaimedWindow] {
        let count = Int.random(in: 1...3, using: &random)
        return Array(claims.suffix(12).shuffled(using: &random).prefix(count))
    }

    private mutating func nack() async throws {
        let some = someClaims()
        try await harness.store.nack(some)
        for claim in some { model.nack(claim, at: elapsed) }
    }

    private mutating func renew() async throws {
        let some = someClaims()
        let lease = harness.ticks(Int.random(in: 1...6, using: &random))
        let held = try await harness.store.renew(some, lease: lease)
        try require(held == Set(some.filter(model.isHeld).map(\.id)), "the claims that are held")
        for claim in some { model.renew(claim, until: elapsed + lease) }
    }

    /// Postpones only windows with events: an empty one is digested.
    private mutating func postpone() async throws {
        let some = someClaims().filter { !$0.events.isEmpty }
        let delay = harness.ticks(Int.random(in: 0...5, using: &random))
        let reason = WaitReason.allCases.randomElement(using: &random) ?? .service
        for claim in some {
            let most = Int.random(in: 1...20, using: &random)
            try await harness.store.postpone([Postponement(claim, delay: delay, reason: reason, maxEvents: most)])
            model.postpone(claim, reason: reason, until: elapsed + delay)
        }
    }

    private mutating func flush() async throws {
        let key = lanes[Int.random(in: 0..<lanes.count, using: &random)].key
        let open = try await harness.openWindows().filter { $0.key == key && ($0.waitsFor ?? .service) == .service }
        let isFlushed = try await harness.store.flush(key)
        if harness.isExact { try require(isFlushed == !open.isEmpty, "whether there was one to flush") }
        flushed.formUnion(open.map(\.id))
        model.flush(key, at: elapsed)
    }

    // MARK: - Ending

    private mutating func digest(of claim: ClaimedWindow) -> Digest {
        let exceptions = claim.events.compactMap { event -> EventException? in
            switch Int.random(in: 0..<10, using: &random) {
            case 0: EventException(event: event.id, status: .dead, reason: "bad_payload")
            case 1: EventException(event: event.id, status: .suppressed, reason: "retracted")
            default: nil
            }
        }
        let isSilent = exceptions.count == claim.events.count || Int.random(in: 0..<4, using: &random) == 0
        return samples.digest(
            claim, exceptions: exceptions,
            composition: isSilent ? .suppressed(reason: "quiet") : .notification(Samples.content))
    }

    private mutating func digest() async throws {
        var seen: Set<WindowID> = []
        let some = someClaims().filter { seen.insert($0.id).inserted }
        let digests = some.map { digest(of: $0) }
        let expected = zip(some, digests).filter { model.isHeld($0.0) }.map(\.1)
        let done = try await harness.store.digested(digests).ids
        try require(done == Set(expected.map(\.id)), "the digests of claims that are held")
        for digest in expected { model.end(digest) }
    }

    private mutating func digestRelayed() async throws {
        guard let key = model.unassigned.values.sorted(by: { $0.id < $1.id }).first?.windowKey else { return }
        var events = model.unassigned.values.filter { $0.windowKey == key }.sorted { $0.id < $1.id }.prefix(4)
        let isSpoilt = Int.random(in: 0..<4, using: &random) == 0
        if isSpoilt, let other = order.last(where: { model.unassigned[$0] == nil }).flatMap({ accepted[$0] }) {
            events.append(other)
        }
        let digest = samples.digest(Array(events), window: samples.window(key))
        let isFree = events.allSatisfy { model.unassigned[$0.id] != nil }
        let done = try await harness.store.digested([digest]).ids
        try require(done == (isFree ? [digest.id] : []), "a digest of events that are free")
        if isFree { model.end(digest) }
    }

    private mutating func adopt() async throws {
        guard let key = model.unassigned.values.sorted(by: { $0.id < $1.id }).first?.windowKey else { return }
        let events = model.unassigned.values.filter { $0.windowKey == key }.map(\.id).sorted()
        let delay = harness.ticks(Int.random(in: 0...3, using: &random))
        let window = AdoptedWindow(
            span: samples.window(key), events: events, bytes: 1, attempt: 0, delay: delay, reason: .service)
        let adopted = try await harness.store.transaction("adopt") { try $0.adopt([window]) }
        try require(adopted == [window], "a window of events that are free")
        model.adopt(events, in: key, until: elapsed + delay)
    }

    private mutating func erase() async throws {
        let recipient = lanes[Int.random(in: 0..<lanes.count, using: &random)].key.recipient
        try await harness.store.erase(recipient)
        let own = Set(accepted.values.filter { $0.recipient == recipient }.map(\.id))
        model.erase(recipient, events: own)
        for id in own { accepted[id] = nil }
    }

    private func count() async throws {
        let statistics = try await harness.store.statistics()
        try require(statistics.newEvents == model.newEvents, "\(statistics.newEvents) events, not \(model.newEvents)")
        let some = Array(model.unassigned.keys.sorted().prefix(20)) + order.suffix(20)
        let free = try await harness.store.unassignedEvents(some)
        try require(
            free == Set(some).sorted().compactMap { model.unassigned[$0] }, "the events that have no window")
    }

    // MARK: - The end

    /// Makes all windows due and digests them; then nothing may be left.
    private mutating func drain() async throws {
        let free = model.unassigned.values.sorted { $0.id < $1.id }.map { samples.digest([$0]) }
        try await harness.store.digest(free)
        for digest in free { model.end(digest) }
        for _ in 0..<1000 {
            let lease = harness.ticks(5)
            let batch = try await harness.store.claim(ClaimLimits(windows: 100, events: 1000), lease: lease)
            try notice(batch, lease: lease)
            let digests = batch.claims.map { digest(of: $0) }
            try await harness.store.digest(digests)
            for digest in digests { model.end(digest) }
            if batch.claims.isEmpty {
                guard let next = batch.nextDueIn else { break }
                try await advance(by: next)
            }
        }
        try require(model.newEvents == 0, "every event has ended")
        try require(try await harness.openWindows().isEmpty, "no window is left")
    }

    /// Checks that each event ended as the digests say, in at most one notification.
    private func compareEnds() async throws {
        let stored = try await harness.store.events(Array(accepted.keys))
        try require(stored.map(\.event) == accepted.values.sorted { $0.id < $1.id }, "the events that were accepted")
        var notified: [NotificationID: [EventID]] = [:]
        for event in stored {
            let end = EventStoreModel.End(status: event.status, notification: event.notificationID)
            try require(model.ended[event.event.id] == end, "\(end) of \(event)")
            if let id = event.notificationID { notified[id, default: []].append(event.event.id) }
        }
        for (id, events) in notified {
            try require(try await harness.store.events(in: id) == events, "the events that a notification is about")
        }
        let ids = Set(notified.keys)
        try require(Set(try await harness.store.notifications(Array(ids)).map(\.id)) == ids, "the notifications")
    }
}
