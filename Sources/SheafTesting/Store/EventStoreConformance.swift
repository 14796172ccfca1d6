import SheafCore

/// What every driver of ``EventStore`` promises.
public enum EventStoreConformance {
    public typealias Check = ConformanceCheck<any EventStoreHarness>

    public static var checks: [Check] {
        appending + binding + transactions + deliveries + stale + deadLetters + reading + recipients + erasing + pruning
            + notes
            + replaying
            + outbox + outboxWaiting
    }
}

// Single steps as transactions of their own.
extension EventStore {
    @discardableResult
    func append(_ events: [Event]) async throws -> [AppendOutcome] {
        try await transaction("append") { try $0.append(events) }
    }

    /// - Returns: the moment of the transaction.
    @discardableResult
    func bind(_ bindings: [Binding]) async throws -> Timestamp {
        try await transaction("bind") { transaction in
            try transaction.bind(bindings)
            return transaction.now
        }
    }

    /// - Returns: the moment of the transaction.
    @discardableResult
    func publish(_ messages: [QueueMessage]) async throws -> Timestamp {
        try await transaction("publish") { transaction in
            try transaction.publish(messages)
            return transaction.now
        }
    }

    /// - Returns: the moment of the transaction.
    @discardableResult
    func record(_ records: [DeliveryRecord]) async throws -> Timestamp {
        try await transaction("record") { transaction in
            try transaction.record(records)
            return transaction.now
        }
    }

    @discardableResult
    func markDead(_ events: [EventID], reason: String) async throws -> [EventID] {
        try await transaction("dead") { try $0.markDead(events, reason: reason) }
    }

    func insert(_ deadLetters: [DeadLetter]) async throws {
        try await transaction("insert") { try $0.insert(deadLetters) }
    }

    @discardableResult
    func takeDeadLetters(_ ids: [DeadLetterID]?, limit: Int) async throws -> [DeadLetter] {
        try await transaction("redrive") { try $0.takeDeadLetters(ids, limit: limit) }
    }

    @discardableResult
    func markRead(recipient: RecipientID, _ id: NotificationID?) async throws -> Bool {
        try await transaction("read") { try $0.markRead(recipient: recipient, id) }
    }

    func erase(_ recipient: RecipientID) async throws {
        while try await transaction("erase", { try $0.erase(recipient: recipient, limit: 2) }) > 0 {}
    }

    /// The event as it stands, by Sheaf's own identifier.
    func stored(_ event: Event) async throws -> StoredEvent? {
        try await self.event(publicID: event.id.description)
    }

    func notification(_ id: NotificationID) async throws -> UserNotification? {
        try await notifications([id]).first
    }

    /// A notification that was bound of one new event.
    func notification(of samples: Samples, recipient: RecipientID = Samples.recipient) async throws -> NotificationID {
        let event = samples.event(recipient: recipient)
        let binding = samples.binding([event])
        try await append([event])
        try await bind([binding])
        return binding.id
    }
}

extension StoreStatistics {
    /// The messages in the outbox, of all topics.
    var messages: Int { backlog.values.reduce(0, +) }
}

extension String {
    /// The text byte by byte: Swift counts texts as equal that differ in their normal form.
    var exactly: [UInt8] { Array(utf8) }
}
