import SheafCore

/// The rows of the store, as a value. Every change answers with what was there, so that it can be undone.
struct MemoryTables: Sendable {
    private(set) var events: [EventID: StoredEvent] = [:]
    /// Those among the events that are `new`.
    private(set) var newEvents: Set<EventID> = []
    /// The events by their producer's identifier, then by source; erased ones stay known.
    private(set) var producers: [ExactText: [ExactText: EventID]] = [:]
    var bindings: [NotificationID: StoredBinding] = [:]
    /// Whose bindings they are.
    var bindingRecipients: [NotificationID: RecipientID] = [:]
    var notifications: [NotificationID: UserNotification] = [:]
    var attempts: [NotificationID: [DeliveryAttempt]] = [:]
    var notes: [MessageBody: [HistoryNote]] = [:]
    var deadLetters: [DeadLetterID: DeadLetter] = [:]

    /// - Returns: the event that was there.
    @discardableResult
    mutating func set(_ event: StoredEvent?, for id: EventID) -> StoredEvent? {
        if event?.status == .new { newEvents.insert(id) } else { newEvents.remove(id) }
        guard let event else { return events.removeValue(forKey: id) }
        return events.updateValue(event, forKey: id)
    }

    /// The event that holds the producer's identifier.
    func event(source: String, producerID: String) -> EventID? {
        producers[ExactText(producerID)]?[ExactText(source)]
    }

    mutating func setProducer(source: String, producerID: String, to event: EventID?) {
        producers[ExactText(producerID), default: [:]][ExactText(source)] = event
    }

    /// The newest event with the producer's identifier.
    func newestEvent(producerID: String) -> StoredEvent? {
        producers[ExactText(producerID)]?.values.filter { events[$0] != nil }.max().flatMap { events[$0] }
    }
}
