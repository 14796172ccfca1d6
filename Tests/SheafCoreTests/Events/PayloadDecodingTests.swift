import SheafCore
import Testing

@Suite("Payloads")
struct PayloadDecodingTests {
    private let type = EventType.sample()

    private func fault(_ payload: String) throws -> SheafError {
        let result = try #require(type.keyParts(of: [payload]).first)
        return try #require(throws: SheafError.self) { try result.get() }
    }

    @Test("Good payloads give their key parts, in their order")
    func good() throws {
        let parts = type.keyParts(of: (0..<100).map { #"{"sale_id": \#($0), "unknown": [1, {"a": null}]}"# })
        #expect(try parts.map { try $0.get() } == (0..<100).map(String.init))
        #expect(type.keyParts(of: []).isEmpty)
    }

    @Test("A bad payload in a batch spoils itself alone", arguments: [0, 1, 49, 99])
    func spoiled(position: Int) {
        var payloads = (0..<100).map { #"{"sale_id": \#($0)}"# }
        payloads[position] = #"{"sale_id": "7"}"#
        let results = type.keyParts(of: payloads)
        #expect(results.count == 100)
        for (index, result) in results.enumerated() {
            if index == position {
                #expect(
                    result
                        == .failure(
                            SheafError(
                                .badPayload, field: "data.sale_id",
                                "has the wrong type, expected a whole number of 64 bits")))
            } else {
                #expect(result == .success(String(index)))
            }
        }
    }

    @Test(
        "Texts that are no one value are refused each", arguments: ["", "{},{}", #"{"sale_id":1},{"sale_id":2}"#])
    func notOne(text: String) {
        let results = type.keyParts(of: [#"{"sale_id":1}"#, text, #"{"sale_id":3}"#])
        #expect(results.map { (try? $0.get()) ?? "bad" } == ["1", "bad", "3"])
    }

    @Test(
        "Complaints name the member and not its value",
        arguments: [
            (#"{}"#, "data.sale_id", "is missing"),
            (#"{"sale_id":null}"#, "data.sale_id", "is null, expected a whole number of 64 bits"),
            (#"{"sale_id":"hunter2"}"#, "data.sale_id", "has the wrong type, expected a whole number of 64 bits"),
            (#"{"sale_id":9223372036854775808}"#, "data.sale_id", "has a value that does not fit"),
            (#"{"sale_id":1.5}"#, "data.sale_id", "has a value that does not fit"),
            (#"{"sale_id":1,"items":[{"id":1},{"id":1e30}]}"#, "data.items.1.id", "has a value that does not fit"),
            (#"{"sale_id":1,"code":5}"#, "data.code", "has the wrong type, expected a string"),
            (#"{"sale_id":1,"code":""}"#, "data.code", "is empty"),
            (#"{"sale_id":1,"status":"hunter2"}"#, "data.status", "has a value that does not fit"),
            (#"{"sale_id":1,"is_banned":0}"#, "data.is_banned", "has the wrong type, expected true or false"),
            (#"{"sale_id":1,"items":[{"id":1},{}]}"#, "data.items.1.id", "is missing"),
            (#"{"sale_id":1,"items":[{"id":1},5]}"#, "data.items.1", "has the wrong type, expected an object"),
            (#"[]"#, "data", "has the wrong type, expected an object"),
            (#"{"sale_id":"#, "data", "has a value that does not fit"),
        ])
    func complaints(payload: String, field: String, message: String) throws {
        #expect(try fault(payload) == SheafError(.badPayload, field: field, message))
    }

    @Test("The factory sees all payloads of a recipient")
    func compose() async throws {
        #expect(
            try await type.compose([event(1, #"{"sale_id":5}"#), event(2, #"{"sale_id":6}"#)])
                == .suppressed(reason: "42:11"))
        #expect(try await type.compose([]) == .suppressed(reason: "empty"))
        await #expect(throws: SheafError.self) { try await type.compose([event(1, "{}")]) }
    }

    private func event(_ number: UInt64, _ payload: String) -> Event {
        Event(
            id: EventID(high: number, low: 0), source: "http", producerID: nil, type: 1, recipient: 42, keyPart: nil,
            occurredAt: Timestamp(milliseconds: 0), receivedAt: Timestamp(milliseconds: 0), payload: payload)
    }

    @Test("A type keeps its parts under another policy")
    func delivered() {
        let policy = DeliveryPolicy.debounced(WindowPolicy())
        let other = EventType.sample("a", code: 9, topic: "t").delivered(policy)
        #expect(other.name == "a" && other.code == 9 && other.topic == "t" && other.delivery == policy)
        #expect(other.keyParts(of: [#"{"sale_id":1}"#]) == [.success("1")])
    }
}
