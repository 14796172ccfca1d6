import SheafCore

extension MemoryTransaction {
    func accept(_ events: [AdmittedEvent]) throws -> [AppendOutcome] {
        try events.check(against: tables.typeRevision)
        var outcomes = try events.map { try claimIdentifiers(of: $0.event) }
        let stored = events.indices.filter { outcomes[$0].isStored }
        let admitted = stored.map { events[$0] }
        let plan = RetractionPlan(
            admitted, live: tables.liveEvents(of: RetractionPlan.targets(of: admitted), beside: admitted))
        let left = end(plan.retracted)
        place(plan.events)
        removeEmpty(left)
        try note(plan.notes(at: now))
        for (index, count) in zip(stored, plan.counts) { outcomes[index] = .stored(retracting: count) }
        return outcomes
    }

    /// Registers the event's own id and its producer id, unless the producer id is known.
    private func claimIdentifiers(of event: Event) throws -> AppendOutcome {
        if let producerID = event.producerID {
            if let known = tables.event(source: event.source, producerID: producerID) { return .duplicate(of: known) }
            setProducer(source: event.source, producerID: producerID, to: event.id)
        }
        guard tables.events[event.id] == nil else {
            throw SheafError(.storage, "an event with the identifier \(event.id) exists")
        }
        set(MemoryEvent(event: event), for: event.id)
        return .stored
    }

    func readmit(_ events: [EventID], as admission: (Event) -> Admission?) throws -> [Event] {
        let free = Set(events).sorted().compactMap { tables.events[$0] }
            .filter { $0.isUnassigned || $0.outcome?.status == .dead }
        let admitted = free.compactMap { row in admission(row.event).map { AdmittedEvent(row.event, $0) } }
        place(admitted)
        return admitted.map(\.event)
    }

    /// Stores the events without an outcome, each in the window of the plan.
    private func place(_ events: [AdmittedEvent]) {
        let open = WindowPlan.keys(of: events).compactMap { tables.openWindow(of: $0) }
        let zones = WindowPlan.recipients(of: events).map { ($0, tables.recipients[$0]?.timeZone) }
        var plan = WindowPlan(
            at: now, open: open.map { ($0.id, $0.key, $0.state) },
            zones: Dictionary(zones) { first, _ in first }.compactMapValues(\.self))
        let places = events.map { plan.add($0) }
        let windows = plan.windows.map { write($0) }
        for (admitted, place) in zip(events, places) {
            set(MemoryEvent(event: admitted.event, window: place.map { windows[$0] }), for: admitted.event.id)
        }
        if plan.dueAt != nil { changesWindows = true }
    }

    private func write(_ planned: WindowPlan.Window) -> WindowID {
        let id = planned.id ?? newWindowID()
        if let reason = planned.suppression {
            let state = planned.state
            let window = WindowSpan(key: planned.key, openedAt: state.openedAt, closesAt: state.closesAt)
            set(
                EndedWindow(
                    id: id, span: window, isAlone: true, events: state.events, endedAt: now, notification: nil,
                    reason: reason),
                for: id, in: \.ended)
            return id
        }
        var window =
            tables.windows[id]
            ?? MemoryWindow(
                id: id, key: planned.key, isAlone: planned.isAlone, stage: .open, due: planned.state.closesAt,
                state: planned.state)
        guard planned.id == nil || planned.isChanged else { return id }
        window.stage = planned.isClosed ? .closed : .open
        window.state = planned.state
        window.due = planned.state.closesAt
        if planned.id != nil { window.revision += 1 }
        set(window, for: id)
        return id
    }

    func markDead(_ events: [EventID], reason: String) throws -> [EventID] {
        events.filter { id in
            guard var row = tables.events[id], row.isUnassigned else { return false }
            row.outcome = MemoryEvent.Outcome(status: .dead, reason: reason, at: now)
            set(row, for: id)
            return true
        }
    }
}
