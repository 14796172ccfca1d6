import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

/// Random scripts of events, failures, kills and passing time; each accepted event must end exactly once.
@Suite("Simulation", .timeLimit(.minutes(1)))
struct SimulationTests {
    /// Where windows live in each life of the process.
    enum Places: CaseIterable {
        case store, relayed, alternating

        func place(in life: Int) -> WindowLocation {
            switch self {
            case .store: .store
            case .relayed: .relayed
            case .alternating: life.isMultiple(of: 2) ? .relayed : .store
            }
        }
    }

    @Test(
        "Every accepted event ends exactly once, whatever fails and whenever the process is killed", arguments: 1...12,
        Places.allCases)
    func everyEventEndsOnce(seed: UInt64, places: Places) async throws {
        var script = Script(seed: seed)
        var rig = try await script.rig(places.place(in: 0))
        for life in 1...5 {
            try await rig.running { try await script.live(with: rig) }
            // The kill is immediate: work in flight and in memory is lost.
            rig = try await rig.restarted(places.place(in: life))
        }
        let last = rig
        try await last.running {
            for _ in 0..<60 where try await last.isBusy {
                try await last.pass(.seconds(60), step: .seconds(15))
            }
        }
        try await script.check(last)
    }

    @Test("The same events give the same notifications, wherever windows live", arguments: 1...8)
    func sameNotifications(seed: UInt64) async throws {
        var histories: [[[String]]] = []
        for place in WindowLocation.all {
            var script = Script(seed: seed)
            let rig = try await Rig(place)
            try await rig.running {
                for _ in 0..<40 { try await script.sendAndPass(with: rig) }
                try await rig.pass(.seconds(120))
            }
            try await script.check(rig)
            var texts: [[String]] = []
            for recipient in Script.recipients { texts.append(try await rig.texts(of: recipient).sorted()) }
            histories.append(texts)
        }
        #expect(histories[0] == histories[1])
        #expect(histories[0].joined().contains { $0.contains("+") })
    }
}

extension Rig {
    /// Whether some event has not ended, or some notification is not delivered.
    fileprivate var isBusy: Bool {
        get async throws {
            let statistics = try await memory.statistics()
            let notifications = try await memory.newestNotifications(limit: 1000)
            return statistics.newEvents > 0 || notifications.contains { $0.status == .pending }
        }
    }
}

private struct Script {
    static let recipients: ClosedRange<RecipientID> = 1...3
    private var generator: SeededGenerator
    private var accepted: [String] = []

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// An engine whose factory sometimes fails or suppresses, and whose gateway fails at first.
    mutating func rig(_ place: WindowLocation) async throws -> Rig {
        let failing = Set((0..<8).map { _ in Int.random(in: 1...30, using: &generator) })
        let factory = TestFactory { texts, call in
            if failing.contains(call) { throw Failures.transient }
            return call.isMultiple(of: 7) ? .suppressed(reason: "nothing_new") : nil
        }
        let failures = (0..<5).map { _ in GatewayOutcome.failed(httpStatus: 503, error: "busy", after: nil) }
        return try await Rig(place, factory: factory, gateway: RecordingGateway(failures))
    }

    /// Sends some events and lets time pass, up to a random moment.
    mutating func live(with rig: Rig) async throws {
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6: try await send(to: rig)
            case 6: try await again(to: rig)
            case 7: try await rig.pass(.seconds(Int.random(in: 1...70, using: &generator)))
            default: rig.clock.advance(by: .milliseconds(Int.random(in: 1...20_000, using: &generator)))
            }
            for _ in 0..<Int.random(in: 0...30, using: &generator) { await Task.yield() }
        }
    }

    /// Sends one or two events, and lets time pass until everything due is done.
    mutating func sendAndPass(with rig: Rig) async throws {
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            try await send(to: rig)
            try await rig.calm()
        }
        try await rig.pass(.seconds(Int.random(in: 1...12, using: &generator)), step: .seconds(1))
    }

    private mutating func send(to rig: Rig) async throws {
        let type = TestType.allCases.randomElement(using: &generator) ?? .tumbling
        let recipient = RecipientID.random(in: Self.recipients, using: &generator)
        let text = "e\(accepted.count)"
        let key = ["a", "b", nil].randomElement(using: &generator) ?? nil
        #expect(try await rig.send(type, text, to: recipient, key: key) == .accepted)
        accepted.append(text)
    }

    /// The producer does not know whether its event was accepted, and sends it again.
    private mutating func again(to rig: Rig) async throws {
        guard let text = accepted.randomElement(using: &generator),
            let event = try await rig.memory.event(publicID: text)
        else { return }
        let type = try #require(TestType.allCases.first { $0.code == event.event.type })
        #expect(try await rig.send(type, text, to: event.event.recipient) == .duplicate)
    }

    func check(_ rig: Rig) async throws {
        var spoken: [String] = []
        for recipient in Self.recipients {
            let notifications = try await rig.notifications(of: recipient)
            #expect(notifications.allSatisfy { $0.status == .delivered })
            spoken += notifications.flatMap { $0.content.fullText.split(separator: "+").map(String.init) }
        }
        var suppressed: [String] = []
        for text in accepted {
            switch try await rig.status(of: text) {
            case .processed: break
            case .suppressed: suppressed.append(text)
            case let status: Issue.record("\(text) is \(String(describing: status))")
            }
        }
        #expect((spoken + suppressed).sorted() == accepted.sorted())
        #expect(try await rig.memory.deadLetters(after: nil, limit: 1).isEmpty)
        // Everything sent is known to the store, though some may be sent twice.
        for id in rig.gateway.counts.keys {
            #expect(try await rig.memory.notifications([id]).count == 1)
        }
    }
}
