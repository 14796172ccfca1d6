import SheafCore
import SheafTesting
import Testing

@testable import SheafRedis

@Suite("A Redis whose clock was ahead", .enabled(if: !RedisServer.isSkipped), .timeLimit(.minutes(2)))
struct RedisClockTests {
    /// Makes scripts see a time three hours ahead.
    private static let ahead = """
        local server = redis
        local redis = { call = function(name, ...)
            local answer = server.call(name, ...)
            if name == 'TIME' then return { tostring(tonumber(answer[1]) + 10800), answer[2] } end
            return answer
        end }

        """

    @Test("Times of windows and claims are corrected", arguments: [1, 3])
    func bounds(shards: Int) async throws {
        let server = try RedisServer.shared()
        let client = RedisClient(server.options { $0.shards = shards })
        let (ahead, debouncer) = (
            RedisDebouncer(client, scripts: DebouncerScripts(header: Self.ahead)), RedisDebouncer(client)
        )
        let samples = Samples()
        func entry(_ recipient: RecipientID, _ length: Duration) -> DebounceEntry {
            DebounceEntry(
                event: samples.eventID(), key: Samples.key(recipient: recipient), policy: WindowPolicy(length: length))
        }
        _ = try await ahead.add((1...5).map { entry($0, .zero) })
        let held = try await ahead.claim(windows: 5, events: 5, lease: .seconds(30)).claims
        #expect(held.count == 5)
        _ = try await ahead.add((6...9).map { entry($0, .zero) })
        _ = try await ahead.add([entry(10, .seconds(60))])
        #expect(try await debouncer.claim(windows: 99, events: 99, lease: .seconds(30)).claims.isEmpty)
        #expect(try await debouncer.boundDues(lease: .seconds(30)) == 10)
        #expect(try await debouncer.boundDues(lease: .seconds(30)) == 0)
        let due = try await debouncer.claim(windows: 99, events: 99, lease: .seconds(30))
        #expect(Set(due.claims.map(\.window.key.recipient)) == Set(6...9))
        #expect(due.nextDueIn.map { $0 > .seconds(20) && $0 <= .seconds(30) } == true)
        let open = try await debouncer.openWindows(after: nil, limit: 10).items
        #expect(open.map { $0.closesAt - $0.openedAt } == [.seconds(60)])
        await client.close()
    }
}
