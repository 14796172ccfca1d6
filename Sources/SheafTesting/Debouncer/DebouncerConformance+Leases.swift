import SheafCore
import Testing

extension DebouncerConformance {
    static var leases: [Check] {
        [
            Check("A claimed window is not claimed again before its lease ends") { harness async throws in
                try await harness.add(Samples().eventIDs(1))
                try await harness.advance(ticks: 10)
                let first = try await harness.claim()
                #expect(first.claims.count == 1 && harness.isClose(first.nextDueIn, to: harness.ticks(20)))
                try await harness.advance(by: harness.ticks(20) - harness.margin)
                let early = try await harness.claim()
                #expect(early.claims.isEmpty && harness.isClose(early.nextDueIn, to: harness.margin))
                try await harness.advance(by: harness.margin)
                #expect(try await harness.claim().claims.map(\.id) == first.claims.map(\.id))
            },
            Check("A window whose lease has expired is claimed again, unchanged") { harness async throws in
                let events = Samples().eventIDs(3)
                let first = try #require(try await harness.claimed(events))
                for attempt in 2...4 {
                    try await harness.advance(ticks: 20)
                    let claim = try #require(try await harness.claim().claims.first)
                    #expect(claim.id == first.id && claim.events == events && claim.window == first.window)
                    #expect(claim.attempt == attempt && claim.token != first.token)
                    #expect(claim.lateness >= harness.ticks(20 * (attempt - 1)))
                }
            },
            Check("A claim that was taken over cannot be acknowledged, released or extended") { harness async throws in
                let old = try #require(try await harness.claimed(Samples().eventIDs(1)))
                try await harness.advance(ticks: 20)
                let new = try #require(try await harness.claim().claims.first)
                try await harness.debouncer.acknowledge([old])
                try await harness.debouncer.release([old]) { _ in .zero }
                #expect(try await harness.debouncer.renew([old], lease: harness.ticks(900)).isEmpty)
                let batch = try await harness.claim()
                #expect(batch.claims.isEmpty && harness.isClose(batch.nextDueIn, to: harness.ticks(20)))
                #expect(try await harness.debouncer.renew([new], lease: harness.ticks(20)) == [new.id])
                try await harness.debouncer.acknowledge([new])
                #expect(try await harness.claim().nextDueIn == nil)
            },
            Check("A claim whose lease has expired is valid until another takes the window over") {
                harness async throws in
                let claim = try #require(try await harness.claimed(Samples().eventIDs(1)))
                try await harness.advance(ticks: 25)
                try await harness.debouncer.acknowledge([claim])
                #expect(try await harness.claim() == ClaimBatch(claims: [], nextDueIn: nil))
            },
            Check("An extended lease ends later") { harness async throws in
                let claim = try #require(try await harness.claimed(Samples().eventIDs(1)))
                try await harness.advance(ticks: 15)
                #expect(try await harness.debouncer.renew([claim], lease: harness.ticks(20)) == [claim.id])
                try await harness.advance(by: harness.ticks(20) - harness.margin)
                #expect(try await harness.claim().claims.isEmpty)
                try await harness.advance(by: harness.margin)
                #expect(try await harness.claim().claims.first?.attempt == 2)
            },
            Check("Extending leases returns the claims that are still held") { harness async throws in
                let samples = Samples()
                var claims: [WindowClaim] = []
                for recipient in 0..<3 {
                    let key = Samples.key(recipient: Int64(recipient))
                    claims.append(try #require(try await harness.claimed(samples.eventIDs(1), key: key)))
                }
                try await harness.debouncer.acknowledge([claims[1]])
                let held = try await harness.debouncer.renew(claims, lease: harness.ticks(20))
                #expect(held == [claims[0].id, claims[2].id])
            },
            Check("A released window is claimed again after its delay") { harness async throws in
                let events = Samples().eventIDs(2)
                let first = try #require(try await harness.claimed(events))
                let delay = harness.ticks(5)
                try await harness.debouncer.release([first]) { _ in delay }
                let waiting = try await harness.claim()
                #expect(waiting.claims.isEmpty && harness.isClose(waiting.nextDueIn, to: delay))
                try await harness.advance(by: delay - harness.margin)
                #expect(try await harness.claim().claims.isEmpty)
                try await harness.advance(by: harness.margin)
                let claim = try #require(try await harness.claim().claims.first)
                #expect(claim.id == first.id && claim.events == events && claim.window == first.window)
                #expect(claim.attempt == 2 && claim.token != first.token)
            },
            Check("A window released without delay can be claimed at once") { harness async throws in
                let first = try #require(try await harness.claimed(Samples().eventIDs(2)))
                try await harness.debouncer.release([first]) { _ in .zero }
                #expect(try await harness.claim().claims.map(\.attempt) == [2])
            },
            Check("Windows that are released together each wait for their own delay") { harness async throws in
                let samples = Samples()
                for recipient in 0..<3 {
                    try await harness.add(samples.eventIDs(1), key: Samples.key(recipient: Int64(recipient)))
                }
                try await harness.advance(ticks: 10)
                let claims = try await harness.claim().claims
                let tick = harness.tick
                try await harness.debouncer.release(claims) { tick * Int(6 - 2 * $0.window.key.recipient) }
                for recipient in [2, 1, 0] {
                    try await harness.advance(ticks: 2)
                    #expect(try await harness.claim().claims.map(\.window.key.recipient) == [Int64(recipient)])
                }
            },
            Check("A released claim is not held any more") { harness async throws in
                let claim = try #require(try await harness.claimed(Samples().eventIDs(1)))
                let delay = harness.ticks(5)
                try await harness.debouncer.release([claim]) { _ in delay }
                try await harness.debouncer.acknowledge([claim])
                try await harness.debouncer.release([claim]) { _ in .zero }
                #expect(try await harness.debouncer.renew([claim], lease: harness.ticks(900)).isEmpty)
                #expect(harness.isClose(try await harness.claim().nextDueIn, to: delay))
                try await harness.advance(ticks: 5)
                #expect(try await harness.claim().claims.map(\.id) == [claim.id])
            },
            Check("Events of a released window are known, and new events wait in the next window") {
                harness async throws in
                let events = Samples().eventIDs(3)
                let claim = try #require(try await harness.claimed(Array(events[..<2])))
                let delay = harness.ticks(5)
                try await harness.debouncer.release([claim]) { _ in delay }
                #expect(try await harness.add(events).outcomes == [.known, .known, .opened])
                try await harness.advance(ticks: 10)
                #expect(
                    Set(try await harness.claim().claims.map(\.events)) == [Array(events[..<2]), [events[2]]])
            },
            Check("The time until the next window covers leases, delays and open windows") { harness async throws in
                let samples = Samples()
                let released = try #require(try await harness.claimed(samples.eventIDs(1), key: Samples.key(part: "r")))
                try #require(try await harness.claimed(samples.eventIDs(1), key: Samples.key(part: "c")) != nil)
                let delay = harness.ticks(15)
                try await harness.debouncer.release([released]) { _ in delay }
                try await harness.add(samples.eventIDs(1), key: Samples.key(part: "o"))
                for expected in [10, 15, 20] {
                    let next = try await harness.claim().nextDueIn
                    #expect(harness.isClose(next, to: harness.ticks(expected == 10 ? 10 : 5)))
                    try await harness.advance(ticks: expected == 10 ? 10 : 5)
                    let claims = try await harness.claim().claims
                    #expect(claims.count == 1)
                    try await harness.debouncer.acknowledge(claims)
                }
                #expect(try await harness.claim().nextDueIn == nil)
            },
            Check("Claims of windows that never existed are skipped") { harness async throws in
                let claim = try #require(try await harness.claimed(Samples().eventIDs(1)))
                let strangers = [(claim.id + 1, claim.token), (claim.id, claim.token + 1), (-1, 0)].map { id, token in
                    WindowClaim(
                        id: id, token: token, window: claim.window, events: [], bytes: 0, attempt: 1, lateness: .zero)
                }
                try await harness.debouncer.acknowledge(strangers)
                try await harness.debouncer.release(strangers) { _ in .zero }
                #expect(try await harness.debouncer.renew(strangers, lease: harness.ticks(900)).isEmpty)
                let batch = try await harness.claim()
                #expect(batch.claims.isEmpty && harness.isClose(batch.nextDueIn, to: harness.ticks(20)))
            },
        ]
    }
}
