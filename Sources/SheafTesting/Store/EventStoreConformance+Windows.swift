import SheafCore
import Testing

extension EventStoreConformance {
    static var windows: [Check] {
        [
            Check("The first event opens a window, the next joins it") { harness async throws in
                let (store, events) = (harness.store, Samples().events(2))
                try await harness.accept([events[0]])
                let opened = try #require(try await harness.openWindows().first)
                #expect(opened.key == Samples.key() && opened.events == 1 && opened.waitsFor == nil)
                #expect(opened.closesAt - opened.openedAt == harness.ticks(10))
                try await harness.advance(ticks: 1)
                try await harness.accept([events[1]])
                let expected = LiveWindow(
                    id: opened.id, key: opened.key, events: 2, bytes: events.payloadBytes, openedAt: opened.openedAt,
                    closesAt: opened.closesAt)
                #expect(
                    try await store.openWindows(after: nil, limit: 9)
                        == LiveWindowPage(items: [expected], total: 1, next: nil))
                #expect(try await store.liveWindow(opened.id) == expected)
                #expect(try await store.endedWindow(opened.id) == nil)
                #expect(
                    try await store.events(events.map(\.id))
                        == events.map { StoredEvent(event: $0, window: opened.id) })
                #expect(try await store.unassignedEvents(events.map(\.id)).isEmpty)
            },
            Check("Different types, recipients and key parts are different keys, compared by bytes") {
                harness async throws in
                let samples = Samples()
                let parts: [String?] = [
                    nil, "", ":", "a:b", "a%3Ab", "7", " 7", "Осень «2026»", "🫖", "'\"\\\n\t", "caf\u{E9}",
                    "cafe\u{301}",
                ]
                let events =
                    parts.map { samples.event(recipient: .min, keyPart: $0) } + [
                        samples.event(recipient: .max, keyPart: "7"),
                        samples.event(recipient: .min, type: Int(Int32.max), keyPart: "7"),
                    ]
                try await harness.accept(events)
                let again = events.map {
                    samples.event(recipient: $0.recipient, type: $0.type, keyPart: $0.keyPart)
                }
                try await harness.accept(again)
                let windows = try await harness.openWindows()
                #expect(windows.map(\.key) == events.map(\.windowKey))
                #expect(windows.map(\.key.part?.exactly) == events.map(\.keyPart?.exactly))
                #expect(windows.allSatisfy { $0.events == 2 })
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims
                let claimed = Dictionary(uniqueKeysWithValues: claims.map { ($0.window.key, $0.events) })
                let expected = Dictionary(
                    uniqueKeysWithValues: zip(events, again).map { ($0.windowKey, [$0, $1]) })
                #expect(claimed == expected)
            },
            Check("Each event of a sliding window extends it, up to its maximum wait") { harness async throws in
                let samples = Samples()
                let policy = WindowPolicy(mode: .sliding, length: harness.ticks(6), maxWait: harness.ticks(8))
                try await harness.accept([samples.event()], policy)
                let opened = try #require(try await harness.openWindows().first)
                #expect(opened.closesAt - opened.openedAt == harness.ticks(6))
                try await harness.advance(ticks: 1)
                try await harness.accept([samples.event()], policy)
                let prolonged = try #require(try await harness.openWindows().first)
                #expect(prolonged.closesAt > opened.closesAt && prolonged.id == opened.id)
                #expect(prolonged.closesAt - opened.openedAt < harness.ticks(8))
                try await harness.advance(ticks: 3)
                try await harness.accept([samples.event()], policy)
                let longest = try #require(try await harness.openWindows().first)
                #expect(longest.closesAt - opened.openedAt == harness.ticks(8))
            },
            Check("A full window is due at once, and the next event opens another") { harness async throws in
                let events = Samples().events(3)
                let policy = WindowPolicy(length: harness.ticks(500), maxEvents: 2)
                try await harness.accept([events[0]], policy)
                #expect(try await harness.claim().claims.isEmpty)
                try await harness.accept([events[1]], policy)
                try await harness.accept([events[2]], policy)
                #expect(try await harness.claim().claims.map(\.events) == [Array(events[..<2])])
                #expect(try await harness.openWindows().map(\.events) == [1])
            },
            Check("A batch with more events than fit into a window fills several") { harness async throws in
                let events = Samples().events(26)
                let policy = WindowPolicy(length: harness.ticks(500), maxEvents: 10)
                try await harness.accept([events[0]], policy)
                try await harness.accept(Array(events[1...]), policy)
                let claims = try await harness.claim().claims
                #expect(Set(claims.map(\.events)) == [Array(events[..<10]), Array(events[10..<20])])
                #expect(claims.count == 2)
                let open = try #require(try await harness.openWindows().first)
                #expect(open.events == 6)
                #expect(try await harness.store.window(of: events[25]) == open.id)
            },
            Check("With a maximum of one event, each event gets its own window") { harness async throws in
                let events = Samples().events(3)
                try await harness.accept(events, WindowPolicy(length: harness.ticks(500), maxEvents: 1))
                let claims = try await harness.claim().claims
                #expect(Set(claims.map(\.events)) == Set(events.map { [$0] }) && claims.count == 3)
                #expect(claims.allSatisfy { !$0.isAlone })
            },
            Check("A window that was due when an event came is closed, even if nobody claimed it") {
                harness async throws in
                let (store, events) = (harness.store, Samples().events(3))
                try await harness.accept([events[0]], WindowPolicy(length: harness.ticks(2)))
                let first = try #require(try await store.window(of: events[0]))
                try await harness.advance(ticks: 2)
                try await harness.accept(Array(events[1...]))
                let second = try #require(try await store.window(of: events[1]))
                #expect(second != first)
                #expect(try await store.window(of: events[2]) == second)
                #expect(try await harness.openWindows().map(\.id) == [second])
                #expect(try await store.liveWindow(first)?.events == 1)
                #expect(try await harness.claim().claims.map(\.id) == [first])
            },
            Check("Open windows are read in the order in which they were opened, page by page") {
                harness async throws in
                let (store, samples) = (harness.store, Samples())
                for recipient in 0..<5 { try await harness.accept([samples.event(recipient: 9 - Int64(recipient))]) }
                let all = try await harness.openWindows()
                #expect(all.map(\.key.recipient) == [9, 8, 7, 6, 5])
                let first = try await store.openWindows(after: nil, limit: 2)
                #expect(first == LiveWindowPage(items: Array(all[..<2]), total: 5, next: all[1].id))
                let last = try await store.openWindows(after: all[2].id, limit: 2)
                #expect(last == LiveWindowPage(items: Array(all[3...]), total: 5, next: nil))
            },
            Check("An event with a known producer id opens no window and joins none") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let first = samples.event(producerID: "a")
                try await store.digest([samples.digest(try await harness.claimed([first]))])
                for admission in [Admission.window(harness.tumbling), .alone, .relayed] {
                    let again = samples.event(producerID: "a")
                    #expect(try await store.accept([again], as: admission) == [.duplicate(of: first.id)])
                }
                #expect(try await harness.openWindows().isEmpty)
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
                let batch = [samples.event(), samples.event(producerID: "a"), samples.event(producerID: "b")]
                let twice = samples.event(producerID: "b")
                let expected: [AppendOutcome] = [
                    .stored, .duplicate(of: first.id), .stored, .duplicate(of: batch[2].id),
                ]
                #expect(try await harness.accept(batch + [twice]) == expected)
                #expect(try await harness.openWindows().map(\.events) == [2])
                let other = [samples.event(producerID: "a"), samples.event(producerID: "b")]
                try await harness.accept(other, WindowPolicy(length: .zero))
                #expect(try await harness.openWindows().map(\.events) == [2])
            },
            Check("If many accept events of one key at once, all share its window") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let batches = (0..<20).map { _ in samples.events(10) }
                let policy = WindowPolicy(length: harness.ticks(500))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for batch in batches {
                        group.addTask { _ = try await store.accept(batch, as: .window(policy)) }
                    }
                    try await group.waitForAll()
                }
                #expect(try await harness.openWindows().map(\.events) == [200])
                _ = try await store.flush(Samples.key())
                let claims = try await harness.claim().claims
                #expect(claims.map(\.events) == [batches.flatMap(\.self)])
            },
            Check("If many accept events of several keys at once, none waits for ever") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let policy = WindowPolicy(length: harness.ticks(500), maxEvents: 7)
                let batches = (0..<30).map { _ in
                    (0..<10).map { _ in samples.event(recipient: Int64.random(in: 0..<5)) }
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for batch in batches {
                        group.addTask { _ = try await store.accept(batch, as: .window(policy)) }
                    }
                    try await group.waitForAll()
                }
                let open = try await harness.openWindows()
                let claims = try await harness.claim().claims
                #expect(Set(open.map(\.key)).count == open.count)
                #expect(claims.allSatisfy { $0.events.count == 7 })
                let claimed = Set(claims.map(\.id))
                let rest = open.filter { !claimed.contains($0.id) }.reduce(0) { $0 + $1.events }
                #expect(claims.reduce(rest) { $0 + $1.events.count } == 300)
            },
            Check("Windows survive a crash") { harness async throws in
                let (events, samples) = (Samples().events(3), Samples())
                try await harness.accept(Array(events[..<2]))
                try await harness.store.accept([samples.event(recipient: 43)], as: .alone)
                let windows = try await harness.openWindows()
                let reopened = try await harness.reopen()
                try await reopened.accept([events[2]], as: .window(harness.tumbling))
                #expect(try await reopened.openWindows(after: nil, limit: 9).items.map(\.id) == windows.map(\.id))
                _ = try await reopened.flush(Samples.key())
                let claims = try await reopened.claim(
                    ClaimLimits(windows: 10, events: 100), lease: harness.ticks(20)
                ).claims
                #expect(Set(claims.map(\.events.count)) == [1, 3])
                #expect(claims.first { !$0.isAlone }?.events == events)
            },
            Check("A task that waits for windows is woken for those that are due earlier") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                var generation = store.windowsChanged.generation
                func isWoken() -> Bool {
                    defer { generation = store.windowsChanged.generation }
                    return store.windowsChanged.generation > generation
                }
                try await harness.accept([samples.event()])
                #expect(isWoken())
                try await store.accept([samples.event()], as: .alone)
                #expect(isWoken())
                #expect(try await store.flush(Samples.key()))
                #expect(isWoken())
                let claims = try await harness.claim().claims
                #expect(claims.count == 2)
                _ = isWoken()
                try await store.nack([claims[0]])
                #expect(isWoken())
                try await store.postpone([
                    Postponement(claims[1], delay: harness.ticks(1), reason: .service, maxEvents: 1)
                ])
                #expect(isWoken())
            },
        ]
    }

    static var leadingWindows: [Check] {
        [
            Check("An immediate event is a window of one that is due at once") { harness async throws in
                let (store, events) = (harness.store, Samples().events(3))
                try await harness.accept([events[0]])
                try await store.accept(Array(events[1...]), as: .alone)
                #expect(try await harness.openWindows().map(\.events) == [1])
                let claims = try await harness.claim().claims
                #expect(Set(claims.map(\.events)) == [[events[1]], [events[2]]] && claims.count == 2)
                #expect(claims.allSatisfy { $0.isAlone && $0.window.key == Samples.key() && $0.attempt == 1 })
                #expect(claims.allSatisfy { $0.window.openedAt == $0.window.closesAt })
                let digest = samples(claims[0])
                try await store.digest([digest])
                #expect(try await store.endedWindow(claims[0].id)?.isAlone == true)
            },
            Check("A batch admits each event in its own way") { harness async throws in
                let (store, samples) = (harness.store, Samples())
                let events = samples.events(4)
                let window = Admission.window(harness.tumbling)
                let admitted = zip(events, [window, .alone, .relayed, window]).map { AdmittedEvent($0, $1) }
                #expect(
                    try await store.transaction("mixed") { try $0.accept(admitted) }
                        == Array(repeating: .stored, count: 4))
                #expect(try await store.unassignedEvents(events.map(\.id)) == [events[2]])
                let open = try #require(try await harness.openWindows().first)
                let windows = try await store.events(events.map(\.id)).map(\.window)
                #expect(windows[0] == open.id && windows[3] == open.id && windows[1] != open.id && open.events == 2)
                #expect(try await harness.claim().claims.map(\.events) == [[events[1]]])
            },
            Check("The first event of a leading window is a window of its own, the others wait") {
                harness async throws in
                let (store, events) = (harness.store, Samples().events(4))
                try await harness.accept(Array(events[..<2]), harness.leading)
                let first = try await harness.claim().claims
                #expect(first.map(\.events) == [[events[0]]] && first.map(\.isAlone) == [true])
                let open = try #require(try await harness.openWindows().first)
                #expect(open.events == 1 && open.closesAt - open.openedAt == harness.ticks(10))
                try await store.digest(first.map(samples))
                try await harness.accept(Array(events[2...]), harness.leading)
                #expect(try await store.flush(Samples.key()))
                let rest = try await harness.claim().claims
                #expect(rest.map(\.events) == [Array(events[1...])] && rest.map(\.isAlone) == [false])
                #expect(rest.map(\.id) == [open.id])
            },
            Check("A leading window without further events ends without a trace") { harness async throws in
                let (store, event) = (harness.store, Samples().event())
                try await harness.accept([event], WindowPolicy(mode: .leading, length: harness.ticks(2)))
                let alone = try await harness.claim().claims
                try await store.digest(alone.map(samples))
                #expect(try await harness.openWindows().map(\.events) == [0])
                try await harness.advance(ticks: 2)
                let claims = try await harness.claim().claims
                #expect(claims.map(\.events) == [[]])
                let digest = Samples().digest(claims[0], composition: .suppressed(reason: "empty"))
                try await store.digest([digest])
                #expect(try await store.endedWindow(claims[0].id) == nil)
                #expect(try await store.liveWindow(claims[0].id) == nil)
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
                #expect(try await store.statistics().messages == 1)
            },
            Check("The first event after a leading window leads the next") { harness async throws in
                let (store, events) = (harness.store, Samples().events(4))
                let policy = WindowPolicy(mode: .leading, length: harness.ticks(2))
                try await harness.accept(Array(events[..<2]), policy)
                try await store.digest(try await harness.claim().claims.map(samples))
                try await harness.advance(ticks: 2)
                try await harness.accept(Array(events[2...]), harness.leading)
                let claims = try await harness.claim().claims
                #expect(Set(claims.map(\.events)) == [[events[1]], [events[2]]] && claims.count == 2)
                #expect(claims.first { $0.events == [events[2]] }?.isAlone == true)
                #expect(try await harness.openWindows().map(\.events) == [1])
            },
            Check("A leading event does not count towards the maximum") { harness async throws in
                let events = Samples().events(4)
                try await harness.accept(
                    events, WindowPolicy(mode: .leading, length: harness.ticks(500), maxEvents: 2))
                let claims = try await harness.claim().claims
                #expect(Set(claims.map(\.events)) == [[events[0]], Array(events[1..<3]), [events[3]]])
                #expect(try await harness.openWindows().map(\.events) == [0])
            },
        ]
    }

    @Sendable private static func samples(_ claim: ClaimedWindow) -> Digest { Samples().digest(claim) }
}
