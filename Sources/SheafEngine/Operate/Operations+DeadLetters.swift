import SheafCore

extension Operations {
    /// The maximum dead letters that one transaction redrives.
    static let redriveBatch = 500

    /// A page of the dead letters, newest first.
    /// - Throws: ``SheafError`` `invalid` for a limit out of range or an invalid cursor.
    public func deadLetters(after cursor: String? = nil, limit: Int? = nil) async throws -> PageDocument<
        DeadLetterDocument
    > {
        let limit = try PageLimit.deadLetters.checked(limit)
        // One more than asked for shows whether another page follows.
        let letters = try await store.deadLetters(after: readCursor(cursor), limit: limit + 1)
        let items = Array(letters.prefix(limit))
        return PageDocument(
            items: items.map(DeadLetterDocument.init),
            next: letters.count > limit ? items.last?.id.description : nil)
    }

    /// Redrives a dead letter: its event or notification is live again, and its message is back in the queue.
    /// - Throws: ``SheafError`` `not_found`; `conflict` if only the message's producer can send it again.
    public func redrive(_ id: String) async throws {
        guard let id = DeadLetterID(id) else { throw SheafError.notFound("dead letter") }
        guard try await redrive([id], limit: 1) == 0 else { return }
        guard try await exists(id) else { throw SheafError.notFound("dead letter") }
        throw SheafError(.conflict, "only the producer of this message can send it again")
    }

    /// Redrives all dead letters that can be redriven, in batches.
    ///
    /// It takes no more letters than there were at the start, so those that fail again meanwhile are left.
    ///
    /// - Parameter progress: called after each batch with the number redriven so far.
    /// - Returns: how many were redriven.
    public func redriveAll(progress: (Int) -> Void = { _ in }) async throws -> Int {
        let total = try await store.statistics().deadLetters
        var redriven = 0
        while redriven < total {
            let count = try await redrive(nil, limit: min(Self.redriveBatch, total - redriven))
            guard count > 0 else { break }
            redriven += count
            progress(redriven)
        }
        return redriven
    }

    private func redrive(_ ids: [DeadLetterID]?, limit: Int) async throws -> Int {
        let place: WindowLocation = debouncer == nil ? .store : .relayed
        return try await store.transaction("redrive") { [catalog] transaction in
            let letters = try transaction.takeDeadLetters(ids, limit: limit)
            let bodies = letters.compactMap(\.body)
            let events = bodies.compactMap { if case .event(let id) = $0 { id } else { nil } }
            // The events are admitted as if they came now. An event of a type that no longer exists is dead-lettered
            // again.
            let admitted = try transaction.readmit(events) { event in
                catalog.type(code: event.type).map { place.admission(of: $0.delivery) } ?? .alone
            }
            var messages = letters.compactMap { letter -> QueueMessage? in
                guard case .notification? = letter.body else { return nil }
                return letter.body.map { QueueMessage(key: letter.recipient ?? 0, body: $0) }
            }
            if place == .relayed {
                messages += admitted.map { QueueMessage(key: $0.recipient, body: .event($0.id)) }
            }
            if !messages.isEmpty { try transaction.publish(messages) }
            try transaction.note(letters.flatMap { $0.notes(redrivenAt: transaction.now) })
            return letters.count
        }
    }

    private func exists(_ id: DeadLetterID) async throws -> Bool {
        // The page after the next higher id starts with this one.
        let low = id.low &+ 1
        let next = DeadLetterID(high: low == 0 ? id.high &+ 1 : id.high, low: low)
        return try await store.deadLetters(after: next, limit: 1).first?.id == id
    }
}

extension DeadLetter {
    /// The history notes for what the letter held, written before the letter is deleted.
    fileprivate func notes(redrivenAt now: Timestamp) -> [HistoryNote] {
        guard let body else { return [] }
        let redriven = HistoryNote(subject: body, at: now, step: .redriven)
        // The attempts already show that a notification failed.
        guard case .event = body else { return [redriven] }
        return [HistoryNote(subject: body, at: failedAt, step: .dead, reason: reason), redriven]
    }
}
