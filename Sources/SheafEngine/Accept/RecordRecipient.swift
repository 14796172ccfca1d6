import FoundationEssentials
public import SheafCore

extension SourceRecord {
    /// The record's probable recipient, even if the rest of the record is unreadable: read from its value, or else from
    /// its key, which is the recipient's id in business topics and in the queue's topics.
    public var likelyRecipient: RecipientID? {
        if let value, let found = try? JSONDecoder().decode(Mention.self, from: Data(value)).recipient { return found }
        return key.flatMap { RecipientID(String(decoding: $0, as: UTF8.self)) }
    }
}

/// The members that may name a record's recipient, in any form that a reader understands.
private struct Mention: Decodable {
    private enum CodingKeys: String, CodingKey {
        case data
        case recipient = "recipient_id"
        case seller = "seller_id"
    }

    /// A number, which may be written as a string.
    private struct Number: Decodable {
        let value: RecipientID?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value = try (try? container.decode(Int64.self)) ?? Int64(container.decode(String.self))
        }
    }

    let recipient: RecipientID?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let inner = try? container.nestedContainer(keyedBy: CodingKeys.self, forKey: .data)
        recipient =
            [inner, container].lazy.compactMap(\.self).compactMap { members in
                [CodingKeys.recipient, .seller].lazy.compactMap {
                    (try? members.decode(Number.self, forKey: $0))?.value
                }
                .first
            }.first
    }
}
