import SheafCore
import Testing

@Suite("Preview requests")
struct PreviewRequestTests {
    private func read(_ json: String) throws(SheafError) -> PreviewRequest {
        try PreviewRequest(json: Array(json.utf8))
    }

    @Test("Events and the service's response are kept unchanged")
    func texts() throws {
        let request = try read(
            #"{"events":[{"id":9007199254740993}, {"a":[1, 2]},3],"locale":"ru","time_zone":null,"enrich":{"keep":[0 ]}}"#
        )
        #expect(
            request
                == PreviewRequest(
                    events: [#"{"id":9007199254740993}"#, #"{"a":[1, 2]}"#, "3"], locale: "ru",
                    enrich: #"{"keep":[0 ]}"#))
        #expect(try read(#"{"events":[{}],"enrich":null,"locale":null,"now":null}"#) == PreviewRequest(events: ["{}"]))
        #expect(
            try read(#"{"events":[{}],"now":"2026-01-05T13:00:00+01:00"}"#)
                == PreviewRequest(events: ["{}"], now: Timestamp("2026-01-05T12:00:00Z")))
    }

    @Test(
        "Errors name the field",
        arguments: [
            (#"{}"#, "events"), (#"{"events":[]}"#, "events"), (#"{"events":{}}"#, "events"),
            (#"{"events":null}"#, "events"), (#"{"events":[{}],"locale":1}"#, "locale"),
            (#"{"events":[{}],"time_zone":[]}"#, "time_zone"), (#"{"events":[{}],"enrich":"x"}"#, "enrich"),
            (#"{"events":[{}],"now":"noon"}"#, "now"), (#"{"events":[{}],"now":7}"#, "now"),
            (#"{"events":[{}],"language":"ru"}"#, "language"), (#"[]"#, nil), ("", nil), (#"{"events":[{}]"#, nil),
            (#"{"events":[{"a":1,"a":2}]}"#, nil), (#"{"events":[{}]} x"#, nil),
        ] as [(String, String?)])
    func mistakes(json: String, field: String?) {
        #expect {
            _ = try read(json)
        } throws: { error in
            (error as? SheafError)?.code == .invalid && (error as? SheafError)?.field == field
        }
    }

    @Test("More than 1,000 events are refused")
    func many() throws {
        func events(_ count: Int) -> String {
            "{\"events\":[\(Array(repeating: "{}", count: count).joined(separator: ","))]}"
        }
        #expect(try read(events(1000)).events.count == 1000)
        #expect(throws: SheafError(.tooLarge, field: "events", "a preview holds at most 1000 events")) {
            try read(events(1001))
        }
        #expect { try PreviewRequest(json: [0x22, 0xFF, 0x22]) } throws: { ($0 as? SheafError)?.code == .invalid }
    }
}
