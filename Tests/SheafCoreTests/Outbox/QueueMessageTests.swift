import SheafCore
import Testing

@Suite("Messages of the queue")
struct QueueMessageTests {
    @Test("A body round-trips through its topic and bytes")
    func roundTrip() {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<500 {
            let (high, low) = (generator.next(), generator.next())
            let bodies: [MessageBody] = [
                .event(EventID(high: high, low: low)), .notification(NotificationID(high: high, low: low)),
            ]
            for body in bodies {
                #expect(body.bytes.count == 16)
                #expect(MessageBody(topic: body.topic, bytes: body.bytes) == body)
                #expect(QueueMessage(key: 1, body: body).topic == body.topic)
            }
            #expect(bodies[0] != bodies[1])
        }
    }

    @Test("Each kind of body has its topic")
    func topics() {
        #expect(MessageBody.event(EventID(high: 1, low: 2)).topic == .eventOccurred)
        #expect(MessageBody.notification(NotificationID(high: 1, low: 2)).topic == .notificationSend)
        #expect(Topic.allCases.map(\.rawValue) == ["event_occurred", "notification_send"])
    }

    @Test("Any other number of bytes is not a body", arguments: Topic.allCases, [0, 15, 17])
    func badBytes(topic: Topic, count: Int) {
        #expect(MessageBody(topic: topic, bytes: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test("Positions are ordered by partition, then by offset")
    func positions() {
        let positions = [(0, 9), (1, 1), (1, 2), (2, 0)].map { MessagePosition(partition: $0, offset: $1) }
        #expect(positions.reversed().sorted() == positions)
    }
}
