import FoundationEssentials
public import SheafCore

extension SourceRecord {
    /// Whom the record is about, as far as can be told of one that may be unreadable otherwise: by its value, or else by
    /// its key, which is the recipient's id in business topics and in the queue's.
    public var likelyRecipient: RecipientID? {
        if let value, let found = try? JSONDecoder().decode(Mention.self, from: Data(value)).recipient { return found }
        return key.flatMap { RecipientID(String(decoding: $0, as: UTF8.self)) }
    }
}

/// The members by which a record can name its recipient, in any form that a reader of it would understand.
private struct Mention: Decodable {
    private enum CodingKeys: String, CodingKey {
        case data
        case recipient = "recipient_id"
        case seller = "seller_id"
    }

    /// A number, also where it was written as a text.
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
