import FoundationEssentials
import SheafCore

/// The form of the queue's messages on Kafka.
///
/// The key is the recipient's id in decimal digits, so that one recipient's messages keep their order. The value is
/// JSON: `{"id":"018f…","attempt":0}` with the id of the event or the notification, and how many times handling was
/// tried before. A reader ignores unknown members, and treats a missing `attempt` as 0.
enum QueueMessageCodec {
    private struct Value: Decodable {
        let id: String
        let attempt: Int?
    }

    private static let head = Array(#"{"id":""#.utf8)
    private static let middle = Array(#"","attempt":"#.utf8)
    private static let idLength = 36

    /// A message as a record of `topic`, a name on the brokers.
    static func encode(_ message: QueueMessage, topic: String) -> KafkaRecord {
        let id =
            switch message.body {
            case .event(let id): id.description
            case .notification(let id): id.description
            }
        return KafkaRecord(
            topic: topic, key: Array(String(message.key).utf8),
            value: head + Array(id.utf8) + middle + Array(String(message.attempt).utf8) + [UInt8(ascii: "}")])
    }

    /// Reads the message of a record.
    ///
    /// - Throws: ``SheafError`` `bad_payload`, which names the problem and shows nothing of the content.
    static func decode(_ record: SourceRecord, topic: Topic) throws(SheafError) -> QueueMessage {
        guard let key = record.key, let recipient = RecipientID(String(decoding: key, as: UTF8.self)) else {
            throw SheafError(.badPayload, field: "key", "is not a recipient's id")
        }
        guard let value = record.value else { throw SheafError(.badPayload, "the record has no value") }
        guard let (id, attempt) = quick(value) ?? careful(value) else {
            throw SheafError(.badPayload, "the value is not a message of the queue")
        }
        guard let body = MessageBody(topic: topic, id: id) else {
            throw SheafError(.badPayload, field: "id", "is not a UUID")
        }
        guard attempt >= 0 else { throw SheafError(.badPayload, field: "attempt", "is negative") }
        return QueueMessage(key: recipient, body: body, attempt: attempt)
    }

    /// Reads exactly what ``encode(_:topic:)`` writes.
    private static func quick(_ value: [UInt8]) -> (id: String, attempt: Int)? {
        let attemptStart = head.count + idLength + middle.count
        guard value.count > attemptStart + 1, value.count <= attemptStart + 10, value.starts(with: head),
            value[(head.count + idLength)...].starts(with: middle), value.last == UInt8(ascii: "}")
        else { return nil }
        var attempt = 0
        for byte in value[attemptStart..<value.count - 1] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            attempt = attempt * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return (String(decoding: value[head.count..<head.count + idLength], as: UTF8.self), attempt)
    }

    private static func careful(_ value: [UInt8]) -> (id: String, attempt: Int)? {
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(value)) else { return nil }
        return (value.id, value.attempt ?? 0)
    }
}

extension MessageBody {
    fileprivate init?(topic: Topic, id: String) {
        switch topic {
        case .eventOccurred:
            guard let id = EventID(id) else { return nil }
            self = .event(id)
        case .notificationSend:
            guard let id = NotificationID(id) else { return nil }
            self = .notification(id)
        }
    }
}
