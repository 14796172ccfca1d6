import GRDB
import SheafCore

/// Deletes messages from the outbox. Adjacent messages, as in most batches, are deleted in one statement.
struct OutboxDeletion {
    private let topic: Topic
    private let select: PreparedStatement
    private let deleteRange: PreparedStatement
    private let delete: PreparedStatement

    init(_ topic: Topic, in database: Database) throws {
        self.topic = topic
        let range = "FROM outbox WHERE topic = ? AND due = ? AND body BETWEEN ? AND ?"
        select = try PreparedStatement("SELECT body \(range) ORDER BY body", in: database)
        deleteRange = try PreparedStatement("DELETE \(range)", in: database)
        delete = try PreparedStatement("DELETE FROM outbox WHERE topic = ? AND due = ? AND body = ?", in: database)
    }

    func delete(_ messages: [ReceivedMessage]) throws {
        var rest = messages[...]
        while let due = rest.first?.position.partition {
            let sameDue = rest.prefix { $0.position.partition == due }
            try delete(sameDue, due: due)
            rest = rest.dropFirst(sameDue.count)
        }
    }

    private func delete(_ messages: ArraySlice<ReceivedMessage>, due: Int64) throws {
        guard let first = messages.first?.message.body, let last = messages.last?.message.body else { return }
        let isWholeRange =
            try messages.count > 1
            && select.rows(topic.number, due, first, last) { $0.body(0, of: topic) }
                .elementsEqual(messages.lazy.map(\.message.body))
        if isWholeRange {
            try deleteRange.run(topic.number, due, first, last)
        } else {
            for message in messages { try delete.run(topic.number, due, message.message.body) }
        }
    }
}
