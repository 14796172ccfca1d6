import SheafCore

extension PostgresTransaction {
    func accept(_ events: [AdmittedEvent]) throws -> [AppendOutcome] {
        guard !events.isEmpty else { return [] }
        let needsRevision = events.needRevision
        if needsRevision { PostgresTypeRevisions.holdRevision(session) }
        let sources = try numbers(of: events.map(\.event.source))
        let keys = zip(events, sources).map { ProducerKey($0.event.producerID, of: $1) }
        // The first event of the batch with a producer id; the others are duplicates of it.
        var firsts: [ProducerKey: EventID] = [:]
        for (admitted, key) in zip(events, keys) {
            if let key, firsts[key] == nil { firsts[key] = admitted.event.id }
        }
        let placing = WindowPlacing(events)
        placing.enter(session)
        let answers = try exchange(
            [Self.claim(firsts)] + placing.queries + (needsRevision ? [PostgresTypeRevisions.revision] : []))
        if needsRevision { try events.check(against: Int(answers[4][0].integer(0))) }
        let own = Set(try answers[0].map { try $0.identifier(0, of: Event.self) })
        let stored = events.indices.filter { keys[$0] == nil || own.contains(events[$0].event.id) }
        let taken = try retract(by: stored.map { events[$0] }, among: placing.targets, answers[1])
        let placed = try placing.place(taken.plan.events, leftBy: taken.left, answers.dropFirst(), session)
        try removeEmpty(taken.left.keys)
        noteWindows(dueAt: placed.dueAt)
        counts += placed.counts
        counts.unassigned += placed.windows.count { $0 == nil }
        if !stored.isEmpty {
            session.later(
                EventRow.insertion(
                    zip(stored, placed.windows).map {
                        EventRow(event: events[$0].event, window: $1, source: sources[$0])
                    }))
        }
        try note(taken.plan.notes(at: try currentMoment()))
        var holders = firsts
        if own.count < firsts.count {
            holders.merge(try self.holders(firsts.filter { !own.contains($0.value) }.map(\.key))) { $1 }
        }
        let counts = Dictionary(uniqueKeysWithValues: zip(stored, taken.plan.counts))
        return events.indices.map { index in
            let id = events[index].event.id
            let holder = keys[index].flatMap { holders[$0] } ?? id
            return holder == id ? .stored(retracting: counts[index] ?? 0) : .duplicate(of: holder)
        }
    }

    /// Claims the producer ids for `events`, and returns the events that hold them.
    private static func claim(_ events: [ProducerKey: EventID]) -> PostgresQuery {
        // Sorted, so that no two transactions deadlock.
        let claims = events.sorted { $0.key < $1.key }
        return """
            INSERT INTO producer_ids (source, producer_id, event)
            SELECT * FROM unnest(\(claims.map(\.key.source)), \(claims.map(\.key.id)), \(claims.map(\.value)))
            ON CONFLICT DO NOTHING RETURNING event
            """
    }

    /// The events that hold producer ids claimed before.
    private func holders(_ keys: [ProducerKey]) throws -> [ProducerKey: EventID] {
        let found = try session.rows(
            """
            SELECT k.place, p.event
            FROM unnest(\(keys.map(\.source)), \(keys.map(\.id)))
                WITH ORDINALITY AS k (source, producer_id, place)
            JOIN producer_ids p ON p.producer_id = k.producer_id AND p.source = k.source
            """)
        var holders: [ProducerKey: EventID] = [:]
        for row in found { holders[keys[Int(try row.integer(0)) - 1]] = try row.identifier(1) }
        return holders
    }

    /// The numbers of sources; assigns numbers to new ones.
    private func numbers(of names: [String]) throws -> [Int64] {
        let bytes = names.map { Array($0.utf8) }
        let distinct = Set(bytes)
        var numbers = sources.numbers(of: distinct)
        numbers.merge(newSources) { $1 }
        let unknown = distinct.filter { numbers[$0] == nil }.sorted { $0.lexicographicallyPrecedes($1) }
        if !unknown.isEmpty {
            let texts = unknown.map { String(decoding: $0, as: UTF8.self) }
            session.later("INSERT INTO sources (name) SELECT unnest(\(texts)) ON CONFLICT DO NOTHING")
            for row in try session.rows("SELECT id, name FROM sources WHERE name = ANY(\(texts))") {
                newSources[Array(try row.text(1).utf8)] = try row.integer(0)
            }
            numbers.merge(newSources) { $1 }
        }
        return bytes.map { numbers[$0] ?? 0 }
    }
}

/// A producer's id within its source, ordered as in the database.
private struct ProducerKey: Hashable, Comparable {
    let source: Int64
    let id: StoredProducerID

    init?(_ id: String?, of source: Int64) {
        guard let id else { return nil }
        self.source = source
        self.id = StoredProducerID(id)
    }

    static func < (left: Self, right: Self) -> Bool {
        left.id == right.id ? left.source < right.source : left.id < right.id
    }
}
