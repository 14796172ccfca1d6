import HTTPTypes
import SheafCore
import SheafTesting
import Synchronization
import Testing

@testable import SheafHTTP

@Suite("Health, readiness and metrics", .timeLimit(.minutes(1)))
struct HealthTests {
    @Test("A program that runs is alive, ready or not")
    func live() async throws {
        let site = try Site()
        let broken = ReadinessCheck("store") { PartReadiness(ready: false, detail: "gone") }
        try await site.test(site.api(readiness: [broken])) { client async throws in
            let answer = try await client.get("/healthz")
            #expect(answer.status == .ok)
            #expect(try answer.json == ["status": "ok"])
        }
    }

    @Test("A program is ready if all its parts are")
    func ready() async throws {
        let site = try Site()
        let checks = ["store", "queue"].map { name in
            ReadinessCheck(name) { PartReadiness(ready: true, detail: "\(name) answers") }
        }
        try await site.test(site.api(readiness: checks)) { client async throws in
            let answer = try await client.get("/readyz")
            #expect(answer.status == .ok)
            #expect(
                try answer.json == [
                    "ready": true,
                    "parts": [
                        "store": ["ready": true, "detail": "store answers"],
                        "queue": ["ready": true, "detail": "queue answers"],
                    ],
                ])
        }
    }

    @Test("A part that is not ready or fails makes the program not ready, with the reason")
    func notReady() async throws {
        struct Secretive: Error { let secret = "hunter2" }
        let site = try Site()
        let checks = [
            ReadinessCheck("store") { PartReadiness(ready: true, detail: "answers") },
            ReadinessCheck("queue") { PartReadiness(ready: false, detail: "no leader") },
            ReadinessCheck("debouncer") { throw SheafError(.unavailable, "cannot be reached") },
            ReadinessCheck("gateway") { throw Secretive() },
        ]
        try await site.test(site.api(readiness: checks)) { client async throws in
            let answer = try await client.get("/readyz")
            #expect(answer.status == .serviceUnavailable)
            #expect(
                try answer.json == [
                    "ready": false,
                    "parts": [
                        "store": ["ready": true, "detail": "answers"],
                        "queue": ["ready": false, "detail": "no leader"],
                        "debouncer": ["ready": false, "detail": "cannot be reached"],
                        "gateway": ["ready": false, "detail": "failed: Secretive"],
                    ],
                ])
        }
    }

    @Test("Parts are checked concurrently; one that hangs is neither waited for nor checked again")
    func hanging() async throws {
        let site = try Site()
        let gate = Gate()
        let asked = Mutex(0)
        let checks = [
            ReadinessCheck("store") { PartReadiness(ready: true, detail: "answers") },
            ReadinessCheck("queue") {
                asked.withLock { $0 += 1 }
                await gate.pass()
                return PartReadiness(ready: true, detail: "answers at last")
            },
        ]
        let readiness = Readiness(checks, clock: site.clock)
        async let first = readiness.check()
        async let second = readiness.check()
        await gate.waitForHeld(1)
        await site.clock.waitForSleepers(2)
        site.clock.advance(by: .seconds(2))
        for document in await [first, second] {
            #expect(!document.ready)
            #expect(document.parts["store"]?.ready == true)
            #expect(document.parts["queue"] == PartReadiness(ready: false, detail: "did not answer within 2s"))
        }
        #expect(asked.withLock { $0 } == 1)

        async let third = readiness.check()
        await site.clock.waitForSleepers(1)
        await gate.open()
        let document = await third
        #expect(document.ready)
        #expect(asked.withLock { $0 } == 1)
        #expect(await readiness.check().ready)
        #expect(asked.withLock { $0 } == 2)
    }

    @Test("Metrics are served in Prometheus's text format")
    func metrics() async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("/metrics")
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text == "sheaf_windows_open 0\n")
        }
    }
}
