import SheafCore

/// A transaction that owns the tables. It records how to undo each change, in order.
final class MemoryTransaction: Transaction {
    let now: Timestamp
    private(set) var tables: MemoryTables
    var outbox: [OutboxChange] = []
    /// Whether a window may be due earlier than the last claim reported.
    var changesWindows = false
    private var undo: [(inout MemoryTables) -> Void] = []

    init(_ tables: MemoryTables, at now: Timestamp) {
        self.tables = tables
        self.now = now
    }

    /// Undoes everything.
    func rollBack() {
        for step in undo.reversed() { step(&tables) }
        undo = []
    }

    /// Returns the tables in their current state.
    func end() -> MemoryTables {
        defer { tables = MemoryTables() }
        return tables
    }

    // MARK: - Rows

    func set(_ row: MemoryEvent?, for id: EventID) {
        let old = tables.set(row, for: id)
        undo.append { $0.set(old, for: id) }
    }

    func set(_ row: MemoryWindow?, for id: WindowID) {
        let old = tables.set(row, for: id)
        undo.append { $0.set(old, for: id) }
    }

    func set<Key: Hashable, Row>(
        _ row: Row?, for key: Key, in table: WritableKeyPath<MemoryTables, [Key: Row]>
    ) {
        let old = tables[keyPath: table][key]
        tables[keyPath: table][key] = row
        undo.append { $0[keyPath: table][key] = old }
    }

    func setProducer(source: String, producerID: String, to event: EventID) {
        tables.setProducer(source: source, producerID: producerID, to: event)
        undo.append { $0.setProducer(source: source, producerID: producerID, to: nil) }
    }

    func newWindowID() -> WindowID { tables.nextNumber() }

    // MARK: - Messages

    func publish(_ messages: [QueueMessage]) throws { outbox += messages.map { .publish($0) } }

    func acknowledge(_ messages: [ReceivedMessage]) throws { outbox += messages.map { .acknowledge($0) } }

    // MARK: - Notifications

    func record(_ deliveries: [DeliveryRecord]) throws -> Set<NotificationID> {
        var pending: [NotificationID: RecipientID] = [:]
        for delivery in deliveries {
            guard var notification = tables.notifications[delivery.notification] else { continue }
            notification.attempts += 1
            if notification.status == .pending {
                pending[notification.id] = notification.recipient
                let status = delivery.attempt.outcome.status
                notification.status = status ?? .pending
                if status == .delivered { notification.deliveredAt = delivery.attempt.at }
            }
            set(notification, for: notification.id, in: \.notifications)
            let attempts = tables.attempts[notification.id, default: []] + [delivery.attempt]
            set(attempts, for: notification.id, in: \.attempts)
        }
        try changeTurns(deliveries, of: pending)
        return Set(pending.keys)
    }

    func markRead(recipient: RecipientID, _ id: NotificationID?) throws -> Bool {
        let meant =
            if let id { tables.notifications[id].map { [$0] } ?? [] } else { Array(tables.notifications.values) }
        let own = meant.filter { $0.recipient == recipient }
        for var notification in own where notification.readAt == nil {
            notification.readAt = now
            set(notification, for: notification.id, in: \.notifications)
        }
        return !own.isEmpty
    }

    // MARK: - Dead letters

    func insert(_ deadLetters: [DeadLetter]) throws {
        for letter in deadLetters { set(letter, for: letter.id, in: \.deadLetters) }
    }

    func takeDeadLetters(_ ids: [DeadLetterID]?, limit: Int) throws -> [DeadLetter] {
        let meant = ids.map { Set($0).compactMap { tables.deadLetters[$0] } } ?? Array(tables.deadLetters.values)
        let taken = meant.filter { $0.body != nil }.sorted { $0.id < $1.id }.prefix(max(0, limit))
        for letter in taken {
            set(nil, for: letter.id, in: \.deadLetters)
            guard case .notification(let id) = letter.body, var notification = tables.notifications[id],
                notification.status == .failed
            else { continue }
            notification.status = .pending
            set(notification, for: id, in: \.notifications)
            let turn = MemoryTurn(
                recipient: notification.recipient, place: IdentifierGenerator.shared.next(at: now), tries: 0,
                waits: false)
            set(turn, for: id, in: \.turns)
        }
        return Array(taken)
    }
}
