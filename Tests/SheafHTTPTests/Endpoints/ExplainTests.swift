import HTTPTypes
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Explaining an event", .timeLimit(.minutes(1)))
struct ExplainTests {
    private static let event = #"{"id":"a","type":"sale_item_changed","recipient_id":42,"data":{"sale_id":7}}"#

    private func explain(_ site: Site, _ body: String = Self.event) async throws -> Answer {
        try await site.test { client in try await client.send(.post, "/v1/explain", body: body) }
    }

    /// The members that every response about ``event`` has besides its outcome.
    private static func members(_ fate: [String: JSON]) -> JSON {
        let common: [String: JSON] = [
            "id": "a", "source": "http", "type": "sale_item_changed", "recipient_id": 42,
            "occurred_at": "2026-11-23T09:00:00.000Z", "window": "sale_item_changed:42:7",
            "delivery": ["mode": "tumbling", "window": "1m", "max_events": 10000],
            "recipient": ["recipient_id": 42, "described": false, "locale": "ru", "time_zone": "UTC"],
        ]
        return .object(common.merging(fate) { $1 })
    }

    private static let texts: JSON = [
        "type": "sale_item_changed", "locale": "ru", "time_zone": "UTC", "suppressed": "nothing_to_say",
        "event_count": 0, "windows": 1, "left_out": [], "notes": [],
    ]

    @Test("An event would open a window, join it, or be a duplicate", arguments: WindowTests.places)
    func fates(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        let notified: [String: JSON] = [
            "policy": ["outcome": "notify"], "notification": Self.texts,
            "notes": ["the texts are for this event alone, without the others of its window"],
        ]
        let opens = try await explain(site)
        #expect(opens.status == .ok)
        #expect(
            try opens.json
                == Self.members(
                    notified.merging([
                        "outcome": "opens_window", "closes_at": "2026-11-23T09:01:00.000Z", "open_window": .null,
                    ]) { $1 }))
        // Nothing was stored.
        #expect(try await explain(site).json == opens.json)
        site.clock.advance(by: .seconds(10))
        try await site.accept([site.samples.event(keyPart: "7")])
        site.clock.advance(by: .seconds(5))
        #expect(
            try await explain(site).json
                == Self.members(
                    notified.merging([
                        "outcome": "joins_window", "closes_at": "2026-11-23T09:01:10.000Z",
                        "open_window": [
                            "opened_at": "2026-11-23T09:00:10.000Z", "closes_at": "2026-11-23T09:01:10.000Z",
                            "events": 1,
                        ],
                    ]) { $1 }))
        // A due window takes no more events.
        site.clock.advance(by: .seconds(60))
        let next = try await explain(site).json
        #expect(next["outcome"] == "opens_window" && next["open_window"] == .null)
        try await site.accept([site.samples.event(keyPart: "8", producerID: "a")])
        let known = try await explain(site).json
        #expect(known["outcome"] == "duplicate" && known["closes_at"] == .null && known["notification"] == .null)
        #expect(known["policy"] == nil && known["notes"] == [])
    }

    @Test("A window that has nearly 16 MiB closes with the event", arguments: WindowTests.places)
    func fullOfBytes(place: WindowLocation) async throws {
        // The event's own payload has 13 bytes.
        for (left, closesAt) in [(14, "2026-11-23T09:01:00.000Z"), (13, "2026-11-23T09:00:00.000Z")] as [(Int, JSON)] {
            let site = try Site(windows: place)
            let text = String(repeating: "x", count: WindowState.mostBytes - left - #"{"n":""}"#.utf8.count)
            try await site.accept([site.samples.event(keyPart: "7", payload: #"{"n":"\#(text)"}"#)])
            let json = try await explain(site).json
            #expect(json["outcome"] == "joins_window" && json["closes_at"] == closesAt)
        }
    }

    @Test("An immediate event would be notified at once, in the language of the request", arguments: WindowTests.places)
    func immediate(place: WindowLocation) async throws {
        let site = try Site(windows: place)
        _ = try await site.store.describe(
            42, RecipientChange(locale: .set("en"), timeZone: .set("Asia/Tokyo")))
        let json = try await explain(
            site, #"{"type":"sale_seller_status_changed","recipient_id":42,"data":{}}"#
        ).json
        #expect(json["outcome"] == "sent_at_once" && json["window"] == .null && json["id"] == nil)
        #expect(
            json["recipient"] == ["recipient_id": 42, "described": true, "locale": "en", "time_zone": "Asia/Tokyo"])
        #expect(json["notification"]?["time_zone"] == "Asia/Tokyo")
    }

    @Test(
        "An event that would be rejected gets the error that posting it would give",
        arguments: [
            (#"{"type":"other","recipient_id":42,"data":{}}"#, 422, "unknown_type", "type"),
            (#"{"type":"sale_item_changed","data":{}}"#, 422, "invalid", "recipient_id"),
            (
                #"{"type":"sale_item_changed","recipient_id":42,"data":{"sale_id":[]}}"#, 422, "bad_payload",
                "data.sale_id"
            ),
            ("[]", 422, "invalid", nil), ("[\(event),\(event)]", 422, "invalid", nil), ("{", 400, "invalid", nil),
        ] as [(String, Int, String, String?)])
    func rejected(body: String, status: Int, code: String, field: String?) async throws {
        let answer = try await explain(Site(), body)
        #expect(answer.status.code == status)
        #expect(try answer.errorCode == code && answer.errorField == field)
    }

    @Test("If the windows cannot be reached, the response is 503")
    func unreachable() async throws {
        let site = try Site()
        let api = site.api(operations: site.operations(debouncer: BrokenDebouncer()))
        let answer = try await site.test(api) { client in try await client.send(.post, "/v1/explain", body: Self.event)
        }
        #expect(answer.status == .serviceUnavailable)
    }
}
