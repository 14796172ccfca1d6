import SheafCore
import Testing

@Suite("The life of a window")
struct WindowStateTests {
    private static let start = Timestamp(milliseconds: 1_795_424_400_000)
    private static let event = EventID(high: 1, low: 1)

    private func at(_ seconds: Int) -> Timestamp { Self.start + .seconds(seconds) }

    private func open(bytes: Int, at now: Timestamp, policy: WindowPolicy) -> (WindowState, WindowState.Outcome) {
        WindowState.admit(Self.event, bytes: bytes, to: nil, at: now, rule: .policy(policy)) { _ in now }
    }

    private func join(_ state: inout WindowState, bytes: Int, at now: Timestamp, _ policy: WindowPolicy) {
        let (joined, outcome) = WindowState.admit(
            Self.event, bytes: bytes, to: state, at: now, rule: .policy(policy)
        ) { _ in now }
        #expect(outcome == .joined)
        state = joined
    }

    @Test("A tumbling window closes one length after its first event")
    func tumbling() {
        let policy = WindowPolicy(mode: .tumbling, length: .seconds(60))
        var (state, outcome) = open(bytes: 1, at: at(0), policy: policy)
        #expect(outcome == .opened)
        #expect(state.leader == nil)
        for second in [1, 30, 59] { join(&state, bytes: 1, at: at(second), policy) }
        #expect(state.closesAt == at(60))
        #expect(state.events == 4)
        #expect(!state.isDue(at: at(59)))
        #expect(state.isDue(at: at(60)))
    }

    @Test("A sliding window closes one length after its last event")
    func sliding() {
        let policy = WindowPolicy(mode: .sliding, length: .seconds(60), maxWait: .seconds(600))
        var (state, _) = open(bytes: 1, at: at(0), policy: policy)
        #expect(state.closesAt == at(60))
        join(&state, bytes: 1, at: at(59), policy)
        #expect(state.closesAt == at(119))
    }

    @Test("A sliding window closes after its maximum wait even if events continue")
    func slidingEnds() {
        let policy = WindowPolicy(mode: .sliding, length: .seconds(60), maxWait: .seconds(100))
        var (state, _) = open(bytes: 1, at: at(0), policy: policy)
        for second in [30, 60, 90] { join(&state, bytes: 1, at: at(second), policy) }
        #expect(state.closesAt == at(100))
    }

    @Test("A maximum wait below the length does not shorten the window")
    func shortMaxWait() {
        let policy = WindowPolicy(mode: .sliding, length: .seconds(60), maxWait: .seconds(10))
        let (state, _) = open(bytes: 1, at: at(0), policy: policy)
        #expect(state.closesAt == at(60))
    }

    @Test("A leading window notifies its first event at once and collects the rest")
    func leading() {
        let policy = WindowPolicy(mode: .leading, length: .seconds(60))
        var (state, outcome) = open(bytes: 1, at: at(0), policy: policy)
        #expect(outcome == .leading)
        #expect(state.leader == Self.event)
        #expect(state.events == 0)
        join(&state, bytes: 1, at: at(20), policy)
        #expect(state.events == 1)
        #expect(state.closesAt == at(60))
    }

    @Test("A full window closes at once, in every mode", arguments: WindowPolicy.Mode.allCases)
    func maxEvents(mode: WindowPolicy.Mode) {
        let policy = WindowPolicy(mode: mode, length: .seconds(60), maxEvents: 3)
        var (state, _) = open(bytes: 1, at: at(0), policy: policy)
        while state.events < 2 { join(&state, bytes: 1, at: at(1), policy) }
        #expect(!state.isDue(at: at(1)))
        join(&state, bytes: 1, at: at(2), policy)
        #expect(state.closesAt == at(2))
        #expect(state.isDue(at: at(2)))
    }

    @Test("A window that reaches the limit of payload bytes is due")
    func bytes() {
        let policy = WindowPolicy(length: .seconds(60))
        var (state, _) = open(
            bytes: WindowState.mostBytes - 1, at: at(0), policy: policy)
        #expect(!state.isDue(at: at(1)))
        join(&state, bytes: 1, at: at(1), policy)
        #expect(state.isDue(at: at(1)) && state.bytes == WindowState.mostBytes)
        (state, _) = open(bytes: 1, at: at(0), policy: policy)
        join(&state, bytes: .max, at: at(1), policy)
        #expect(state.bytes == .max)
    }

    @Test("With a maximum of one event, the first event closes the window")
    func oneEvent() {
        let policy = WindowPolicy(length: .seconds(60), maxEvents: 1)
        let (state, _) = open(bytes: 1, at: at(0), policy: policy)
        #expect(state.isDue(at: at(0)))
    }

    @Test("A window without length is due as soon as it opens")
    func noLength() {
        let (state, _) = open(bytes: 1, at: at(0), policy: WindowPolicy(length: .zero))
        #expect(state.isDue(at: at(0)))
    }

    /// Adds random events under a random policy; `check` sees every state with the moment of its last event.
    private func simulate(seed: UInt64, _ check: (WindowState, WindowPolicy, Timestamp, WindowState?) -> Void) {
        var generator = SplitMix64(seed: seed)
        let policy = WindowPolicy(
            mode: WindowPolicy.Mode.allCases.randomElement(using: &generator) ?? .tumbling,
            length: .milliseconds(Int.random(in: 0...5000, using: &generator)),
            maxWait: .milliseconds(Int.random(in: 0...20_000, using: &generator)),
            maxEvents: Int.random(in: 1...12, using: &generator))
        var now = Self.start
        var open: WindowState?
        for _ in 0..<200 {
            now = now + .milliseconds(Int.random(in: 0...1500, using: &generator))
            let before = open.flatMap { $0.isDue(at: now) ? nil : $0 }
            open = WindowState.admit(Self.event, bytes: 1, to: open, at: now, rule: .policy(policy)) { _ in now }.state
            if let open { check(open, policy, now, before) }
        }
    }

    @Test("Windows always keep their bounds", arguments: 1...60 as ClosedRange<UInt64>)
    func bounds(seed: UInt64) {
        simulate(seed: seed) { state, policy, now, before in
            #expect(state.closesAt <= state.openedAt + policy.longest)
            #expect(state.closesAt >= state.openedAt)
            #expect(state.events <= policy.maxEvents)
            #expect(state.events == policy.maxEvents || state.closesAt >= now)
            #expect((state.leader != nil) == (policy.mode == .leading))
            if let before {
                #expect(state.openedAt == before.openedAt)
                #expect(state.events == before.events + 1)
                #expect(state.leader == before.leader)
            }
        }
    }

    @Test("A window that is not full closes by its mode", arguments: 61...120 as ClosedRange<UInt64>)
    func closing(seed: UInt64) {
        simulate(seed: seed) { state, policy, now, _ in
            guard state.events < policy.maxEvents else {
                #expect(state.isDue(at: now))
                return
            }
            switch policy.mode {
            case .tumbling, .leading: #expect(state.closesAt == state.openedAt + policy.length)
            case .sliding: #expect(state.closesAt == min(now + policy.length, state.openedAt + policy.longest))
            }
        }
    }
}
