import SheafCore
import SheafTesting
import Testing

@Suite("The window plan of a batch")
struct WindowPlanTests {
    private let samples = Samples()
    private let start = TestClock.start

    private func at(_ seconds: Int) -> Timestamp { start + .seconds(seconds) }

    /// A plan that admits these events in order, and the index of each one's window.
    private func plan(
        _ events: [Event], as admission: Admission, at now: Timestamp, open: WindowState? = nil
    ) -> (plan: WindowPlan, places: [Int?]) {
        var plan = WindowPlan(at: now, open: open.map { [(id: WindowID(7), key: Samples.key(), state: $0)] } ?? [])
        let places = events.map { plan.add(AdmittedEvent($0, admission)) }
        return (plan, places)
    }

    private func state(opened: Int = 0, closes: Int, events: Int, leader: EventID? = nil) -> WindowState {
        WindowState(
            openedAt: at(opened), closesAt: at(closes), events: events, bytes: events * samples.event().payloadBytes,
            leader: leader)
    }

    @Test("The first event of a batch opens its key's window, the others join it")
    func opens() {
        let (plan, places) = plan(samples.events(3), as: .window(WindowPolicy(length: .seconds(60))), at: at(0))
        #expect(places == [0, 0, 0] && plan.windows.count == 1)
        let window = plan.windows[0]
        #expect(window.id == nil && window.key == Samples.key() && !window.isAlone && !window.isClosed)
        #expect(window.state.bare == state(closes: 60, events: 3))
        #expect(plan.dueAt == at(60) && plan.changed.isEmpty)
    }

    @Test("Events join and change the open window")
    func joins() {
        let (plan, places) = plan(
            samples.events(2), as: .window(WindowPolicy(length: .seconds(60))), at: at(10),
            open: state(closes: 60, events: 4))
        #expect(places == [0, 0] && plan.windows.count == 1)
        #expect(plan.changed == plan.windows)
        #expect(plan.windows[0].id == 7 && !plan.windows[0].isClosed)
        #expect(plan.windows[0].state.bare == state(closes: 60, events: 6))
        #expect(plan.dueAt == at(60))
    }

    @Test("A window without events of the batch does not change")
    func untouched() {
        let (plan, places) = plan(
            [samples.event(keyPart: "other")], as: .window(WindowPolicy(length: .seconds(60))), at: at(10),
            open: state(closes: 60, events: 4))
        #expect(places == [1] && plan.changed.isEmpty)
        #expect(plan.windows[0].state.bare == state(closes: 60, events: 4))
        #expect(plan.dueAt == at(70))
    }

    @Test("A due window is closed, and the next opens")
    func due() {
        let (plan, places) = plan(
            samples.events(2), as: .window(WindowPolicy(length: .seconds(60))), at: at(60),
            open: state(closes: 60, events: 4))
        #expect(places == [1, 1] && plan.windows.count == 2)
        #expect(plan.windows[0].isClosed && plan.changed == [plan.windows[0]])
        #expect(plan.windows[0].state.bare == state(closes: 60, events: 4))
        #expect(plan.windows[1].state.bare == state(opened: 60, closes: 120, events: 2) && !plan.windows[1].isClosed)
        #expect(plan.dueAt == at(60))
    }

    @Test("Each event of a sliding window extends it, up to its maximum wait")
    func sliding() {
        let policy = WindowPolicy(mode: .sliding, length: .seconds(60), maxWait: .seconds(100))
        #expect(plan(samples.events(2), as: .window(policy), at: at(0)).plan.windows[0].state.closesAt == at(60))
        let open = state(closes: 60, events: 1)
        #expect(plan(samples.events(1), as: .window(policy), at: at(30), open: open).plan.dueAt == at(90))
        #expect(plan(samples.events(1), as: .window(policy), at: at(50), open: open).plan.dueAt == at(100))
    }

    @Test("A leading event gets a window of its own, and opens one for later events")
    func leading() {
        let policy = WindowPolicy(mode: .leading, length: .seconds(60))
        let events = samples.events(3)
        let (plan, places) = plan(events, as: .window(policy), at: at(0))
        #expect(places == [1, 0, 0] && plan.windows.count == 2)
        #expect(plan.windows[0].state.bare == state(closes: 60, events: 2, leader: events[0].id))
        #expect(!plan.windows[0].isAlone && !plan.windows[0].isClosed)
        #expect(plan.windows[1].state.bare == state(closes: 0, events: 1))
        #expect(plan.windows[1].isAlone && plan.windows[1].isClosed && plan.windows[1].key == Samples.key())
        #expect(plan.dueAt == at(0))
    }

    @Test("The first event after a leading window leads the next")
    func leadsAgain() {
        let policy = WindowPolicy(mode: .leading, length: .seconds(60))
        let events = samples.events(2)
        let (plan, places) = plan(
            events, as: .window(policy), at: at(60), open: state(closes: 60, events: 0, leader: samples.eventID()))
        #expect(places == [2, 1] && plan.windows.count == 3)
        #expect(plan.windows[0].isClosed && plan.windows[0].id == 7)
        #expect(plan.windows[1].state.leader == events[0].id && plan.windows[1].state.events == 1)
        #expect(plan.windows[2].isAlone)
    }

    @Test("An event that is admitted alone joins no window and leaves none open")
    func alone() {
        let open = state(closes: 60, events: 4)
        let (plan, places) = plan(samples.events(2), as: .alone, at: at(10), open: open)
        #expect(places == [1, 2] && plan.changed.isEmpty)
        #expect(plan.windows[0].state == open)
        #expect(plan.windows[1...].allSatisfy { $0.isAlone && $0.isClosed && $0.state.closesAt == at(10) })
        #expect(plan.dueAt == at(10))
    }

    @Test("A relayed event gets no window")
    func relayed() {
        let (plan, places) = plan(samples.events(2), as: .relayed, at: at(0))
        #expect(places == [nil, nil] && plan.windows.isEmpty && plan.dueAt == nil)
    }

    @Test("A full window is closed by the next event of its key, in every mode", arguments: WindowPolicy.Mode.allCases)
    func full(mode: WindowPolicy.Mode) {
        let policy = WindowPolicy(mode: mode, length: .seconds(60), maxEvents: 3)
        let (plan, _) = plan(samples.events(10), as: .window(policy), at: at(5))
        let windows = plan.windows.filter { !$0.isAlone }
        #expect(windows.map(\.state.events) == (mode == .leading ? [3, 3, 1] : [3, 3, 3, 1]))
        #expect(windows.dropLast().allSatisfy { $0.isClosed && $0.state.closesAt == at(5) })
        #expect(windows.last?.isClosed == false)
        #expect(plan.dueAt == at(5))
    }

    @Test("A window that is full at the end of the batch is due but not yet closed")
    func fullAtLast() {
        let policy = WindowPolicy(length: .seconds(60), maxEvents: 3)
        let (plan, places) = plan(samples.events(2), as: .window(policy), at: at(5), open: state(closes: 60, events: 1))
        #expect(places == [0, 0])
        #expect(plan.windows[0].state.isDue(at: at(5)) && !plan.windows[0].isClosed && plan.dueAt == at(5))
    }

    @Test("Keys are compared by bytes, and the earliest of their windows decides when to wake")
    func keys() {
        let events = [nil, "", "caf\u{E9}", "cafe\u{301}"].map { samples.event(keyPart: $0) }
        var plan = WindowPlan(at: at(0))
        let places = (events + events).enumerated().map { index, event in
            plan.add(AdmittedEvent(event, .window(WindowPolicy(length: .seconds(60 - index)))))
        }
        #expect(places == [0, 1, 2, 3, 0, 1, 2, 3])
        #expect(plan.windows.map(\.state.events) == [2, 2, 2, 2])
        #expect(plan.dueAt == at(57))
        let admitted = [Admission.alone, .relayed, .window(WindowPolicy())].map { AdmittedEvent(events[0], $0) }
        #expect(WindowPlan.keys(of: admitted[..<2]).isEmpty)
        #expect(WindowPlan.keys(of: admitted) == [events[0].windowKey])
    }

    @Test("Events of a batch may have different policies; the window keeps that of its first event")
    func policies() {
        var plan = WindowPlan(at: at(0))
        let events = samples.events(3)
        let sliding = WindowPolicy(mode: .sliding, length: .seconds(90), maxWait: .seconds(120))
        for (event, policy) in zip(events, [WindowPolicy(length: .seconds(60)), sliding, WindowPolicy(maxEvents: 3)]) {
            _ = plan.add(AdmittedEvent(event, .window(policy)))
        }
        #expect(plan.windows.count == 1 && plan.windows[0].state.bare == state(closes: 60, events: 3))
        #expect(plan.windows[0].state.rule == .policy(WindowPolicy(length: .seconds(60))))
    }

    /// A batch changes windows as its events would one by one at the same moment.
    @Test("A batch is the same as its events one by one", arguments: 1...40 as ClosedRange<UInt64>)
    func batches(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let policies = (0..<3).map { _ in
            WindowPolicy(
                mode: WindowPolicy.Mode.allCases.randomElement(using: &random) ?? .tumbling,
                length: .seconds(Int.random(in: 0...5, using: &random)),
                maxWait: .seconds(Int.random(in: 0...9, using: &random)),
                maxEvents: Int.random(in: 1...4, using: &random))
        }
        var (together, single): ([WindowKey: WindowState], [WindowKey: WindowState]) = ([:], [:])
        for second in 0..<30 {
            let batch = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                let lane = Int.random(in: 0..<3, using: &random)
                return AdmittedEvent(samples.event(recipient: Int64(lane)), .window(policies[lane]))
            }
            admit(batch, at: at(second), to: &together)
            for event in batch { admit([event], at: at(second), to: &single) }
            #expect(together == single)
        }
    }

    private func admit(_ batch: [AdmittedEvent], at now: Timestamp, to open: inout [WindowKey: WindowState]) {
        let keys = WindowPlan.keys(of: batch).filter { open[$0] != nil }
        var plan = WindowPlan(
            at: now,
            open: keys.enumerated().compactMap { index, key in
                open[key].map { (id: WindowID(index), key: key, state: $0) }
            })
        for event in batch { _ = plan.add(event) }
        for window in plan.windows where !window.isAlone && !window.isClosed { open[window.key] = window.state }
        #expect(plan.windows.allSatisfy { $0.isClosed || !$0.isAlone })
    }
}

extension WindowState {
    /// The window without its rule.
    fileprivate var bare: WindowState {
        WindowState(openedAt: openedAt, closesAt: closesAt, events: events, bytes: bytes, leader: leader)
    }
}
