import SheafCore
import SheafTesting
import Testing

@testable import SheafKafka

@Suite("The queue's messages on Kafka")
struct QueueMessageCodecTests {
    @Test("A message round-trips")
    func roundTrip() throws {
        let samples = Samples()
        for key in [Int64.min, 0, 42, .max] {
            for body in [MessageBody.event(samples.eventID()), .notification(samples.notificationID())] {
                for attempt in [0, 7, 12_345, 1_234_567_890_123, .max] {
                    let message = QueueMessage(key: key, body: body, attempt: attempt)
                    let record = QueueMessageCodec.encode(message, topic: "t")
                    let read = try QueueMessageCodec.decode(source(record.key, record.value), topic: body.topic)
                    #expect(read == message)
                }
            }
        }
    }

    @Test("The form is the documented one")
    func form() throws {
        let id = try #require(EventID("018f0000-0000-7000-8000-00000000002a"))
        let record = QueueMessageCodec.encode(QueueMessage(key: -5, body: .event(id), attempt: 3), topic: "x")
        #expect(record.topic == "x" && record.key == Array("-5".utf8))
        let text = #"{"id":"018f0000-0000-7000-8000-00000000002a","attempt":3}"#
        #expect(record.value == Array(text.utf8))
    }

    @Test("Members may be reordered, spaced and added, and the attempt may be missing")
    func otherWriters() throws {
        let id = try #require(EventID("018f0000-0000-7000-8000-00000000002a"))
        for (text, attempt) in [
            (#" { "attempt" : 4, "extra": [1], "id": "018F0000-0000-7000-8000-00000000002A" } "#, 4),
            (#"{"id":"018f0000-0000-7000-8000-00000000002a"}"#, 0),
        ] {
            let read = try QueueMessageCodec.decode(source(Array("42".utf8), Array(text.utf8)), topic: .eventOccurred)
            #expect(read == QueueMessage(key: 42, body: .event(id), attempt: attempt))
        }
    }

    @Test(
        "Errors for invalid messages do not show the content",
        arguments: [
            (nil, #"{"id":"018f0000-0000-7000-8000-00000000002a","attempt":3}"#), ("seller", "{}"), ("42", nil),
            ("42", ""), ("42", "secret"), ("42", #"{"id":"secret","attempt":1}"#),
            ("42", #"{"id":"018f0000-0000-7000-8000-00000000002a","attempt":-1}"#),
            ("42", #"{"id":"018f0000-0000-7000-8000-00000000002a","attempt":"secret"}"#),
            ("42", #"{"id":"018f0000-0000-7000-8000-00000000secr","attempt":1}"#),
        ] as [(String?, String?)])
    func poison(key: String?, value: String?) {
        let record = source(key.map { Array($0.utf8) }, value.map { Array($0.utf8) })
        let error = #expect(throws: SheafError.self) {
            try QueueMessageCodec.decode(record, topic: .eventOccurred)
        }
        #expect(error?.code == .badPayload)
        #expect(error?.description.contains("secr") == false)
    }

    private func source(_ key: [UInt8]?, _ value: [UInt8]?) -> SourceRecord {
        SourceRecord(topic: "t", partition: 0, offset: 0, key: key, value: value, headers: [], timestamp: nil)
    }
}
