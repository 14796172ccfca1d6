import SheafCore

/// A transaction on tables it has to itself. It notes how to undo each change, in their order.
final class MemoryTransaction: Transaction {
    let now: Timestamp
    private(set) var tables: MemoryTables
    var outbox: [OutboxChange] = []
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

    /// Gives the tables back as they are now.
    func end() -> MemoryTables {
        defer { tables = MemoryTables() }
        return tables
    }

    // MARK: - Events

    func append(_ events: [Event]) throws -> [AppendOutcome] { try events.map(append) }

    private func append(_ event: Event) throws -> AppendOutcome {
        if let producerID = event.producerID {
            if let known = tables.event(source: event.source, producerID: producerID) { return .duplicate(of: known) }
            tables.setProducer(source: event.source, producerID: producerID, to: event.id)
            undo.append { $0.setProducer(source: event.source, producerID: producerID, to: nil) }
        }
        guard tables.events[event.id] == nil else {
            throw SheafError(.storage, "an event with the identifier \(event.id) exists")
        }
        set(StoredEvent(event: event), for: event.id)
        return .stored
    }

    func markDead(_ events: [EventID], reason: String) throws -> [EventID] {
        events.filter { id in
            guard let stored = tables.events[id], stored.status == .new else { return false }
            set(StoredEvent(event: stored.event, status: .dead, reason: reason, finishedAt: now), for: id)
            return true
        }
    }

    func set(_ event: StoredEvent?, for id: EventID) {
        let old = tables.set(event, for: id)
        undo.append { $0.set(old, for: id) }
    }

    func set<Key: Hashable, Row>(
        _ row: Row?, for key: Key, in table: WritableKeyPath<MemoryTables, [Key: Row]>
    ) {
        let old = tables[keyPath: table][key]
        tables[keyPath: table][key] = row
        undo.append { $0[keyPath: table][key] = old }
    }

    // MARK: - Bindings

    func bind(_ bindings: [Binding]) throws {
        var claimed: Set<EventID> = []
        let conflicts = bindings.filter { binding in
            let isFree = binding.events.allSatisfy { tables.newEvents.contains($0) && !claimed.contains($0) }
            claimed.formUnion(binding.events)
            return !isFree
        }
        guard conflicts.isEmpty else { throw BindingConflict(bindings: conflicts.map(\.id)) }
        for binding in bindings { bind(binding) }
    }

    private func bind(_ binding: Binding) {
        let (status, reason): (EventStatus, String?) =
            switch binding.composition {
            case .notification: (.processed, nil)
            case .suppressed(let why): (.suppressed, why)
            }
        store(binding)
        for id in binding.events {
            guard let event = tables.events[id]?.event else { continue }
            set(
                StoredEvent(event: event, status: status, reason: reason, binding: binding.id, finishedAt: now),
                for: id)
        }
    }

    /// Stores the binding and its notification.
    func store(_ binding: Binding) {
        if case .notification(let content) = binding.composition {
            set(
                UserNotification(
                    id: binding.id, recipient: binding.recipient, type: binding.type, content: content,
                    eventCount: binding.events.count, createdAt: now, traceParent: binding.traceParent),
                for: binding.id, in: \.notifications)
        }
        set(
            StoredBinding(id: binding.id, events: binding.events, window: binding.window, boundAt: now),
            for: binding.id, in: \.bindings)
        set(binding.recipient, for: binding.id, in: \.bindingRecipients)
    }

    // MARK: - Notifications

    func record(_ deliveries: [DeliveryRecord]) throws -> Set<NotificationID> {
        var found: Set<NotificationID> = []
        for delivery in deliveries {
            guard var notification = tables.notifications[delivery.notification] else { continue }
            found.insert(notification.id)
            notification.attempts += 1
            if notification.status == .pending {
                switch delivery.attempt.outcome {
                case .delivered:
                    notification.status = .delivered
                    notification.deliveredAt = delivery.attempt.at
                case .failed: notification.status = .failed
                case .retry: break
                }
            }
            set(notification, for: notification.id, in: \.notifications)
            let attempts = tables.attempts[notification.id, default: []] + [delivery.attempt]
            set(attempts, for: notification.id, in: \.attempts)
        }
        return found
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

    // MARK: - Messages

    func publish(_ messages: [QueueMessage]) throws { outbox += messages.map { .publish($0) } }

    func insert(_ deadLetters: [DeadLetter]) throws {
        for letter in deadLetters { set(letter, for: letter.id, in: \.deadLetters) }
    }

    func takeDeadLetters(_ ids: [DeadLetterID]?, limit: Int) throws -> [DeadLetter] {
        let meant = ids.map { Set($0).compactMap { tables.deadLetters[$0] } } ?? Array(tables.deadLetters.values)
        let taken = meant.filter { $0.body != nil }.sorted { $0.id < $1.id }.prefix(max(0, limit))
        for letter in taken {
            set(nil, for: letter.id, in: \.deadLetters)
            revive(letter.body)
        }
        return Array(taken)
    }

    private func revive(_ body: MessageBody?) {
        switch body {
        case .event(let id):
            guard let stored = tables.events[id], stored.status == .dead else { return }
            set(StoredEvent(event: stored.event), for: id)
        case .notification(let id):
            guard var notification = tables.notifications[id], notification.status == .failed else { return }
            notification.status = .pending
            set(notification, for: id, in: \.notifications)
        case nil: return
        }
    }
}
