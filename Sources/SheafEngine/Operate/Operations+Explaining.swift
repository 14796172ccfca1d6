public import SheafCore

extension Operations {
    /// What would happen to an event if it was accepted now. Nothing is stored, and no service is called.
    ///
    /// - Parameters:
    ///   - admitted: the event as the intake would store it.
    ///   - types: make the texts.
    /// - Throws: ``SheafError`` `unavailable` or `storage` if what is asked cannot answer.
    public func explain(
        _ admitted: AdmittedEvent, by types: any TypeAdministration
    ) async throws -> ExplanationDocument {
        let event = admitted.event
        let delivery = catalog.type(code: event.type)?.delivery ?? .immediate
        let outlook = try await store.outlook(of: event)
        var open = outlook.openWindow
        if let debouncer, case .debounced = delivery { open = try await debouncer.openWindow(of: event.windowKey) }
        // What is due takes no more events, whoever closes it.
        if let window = open, window.closesAt <= clock.now { open = nil }
        let said = try await store.settings(of: [event.recipient])[event.recipient]
        let fate = fate(of: admitted, delivery, isKnown: outlook.isKnown, open, zone: said?.timeZone)
        var notification: TypePreviewDocument?
        if fate.isNotified {
            let effective = (said ?? RecipientDescription()).completed(by: defaults)
            let request = PreviewRequest(
                events: [event.payload], locale: effective.locale, timeZone: effective.timeZone)
            notification = try await types.preview(
                typeName(event.type), request,
                for: EventHead(recipient: event.recipient, occurredAt: event.occurredAt))
        }
        return ExplanationDocument(
            event: event, type: typeName(event.type), fate: fate, delivery: delivery,
            window: delivery == .immediate || fate.reason != nil ? nil : catalog.text(of: event.windowKey),
            open: delivery == .immediate || fate.reason != nil ? nil : open,
            retracts: outlook.isKnown
                ? nil : admitted.retraction.map { (type: typeName($0.type), fields: $0.fieldNames) },
            recipient: RecipientDocument(event.recipient, said, defaults), notification: notification)
    }

    private func fate(
        of admitted: AdmittedEvent, _ delivery: DeliveryPolicy, isKnown: Bool, _ open: LiveWindow?, zone: String?
    ) -> EventFate {
        if isKnown { return .duplicate }
        if case .ended(let reason) = admitted.admission { return .suppressed(reason: reason) }
        // Windows outside the store go by the same rule.
        let admission =
            admitted.admission == .relayed ? WindowLocation.store.admission(of: delivery) : admitted.admission
        var windows: [(id: WindowID, key: WindowKey, state: WindowState)] = []
        if let open {
            let state = WindowState(
                openedAt: open.openedAt, closesAt: open.closesAt, events: open.events, bytes: open.bytes, leader: nil)
            windows.append((open.id, open.key, state))
        }
        var plan = WindowPlan(at: clock.now, open: windows, zones: zone.map { [admitted.event.recipient: $0] } ?? [:])
        guard let index = plan.add(AdmittedEvent(admitted.event, admission)) else { return .sentAtOnce }
        let window = plan.windows[index]
        if window.isAlone {
            guard let next = plan.windows.first(where: { !$0.isAlone }) else { return .sentAtOnce }
            return .leads(closesAt: next.state.closesAt)
        }
        return window.id == nil
            ? .opensWindow(closesAt: window.state.closesAt) : .joinsWindow(closesAt: window.state.closesAt)
    }
}

/// What would become of an event.
enum EventFate: Hashable, Sendable {
    case duplicate
    case suppressed(reason: String)
    case sentAtOnce
    /// It is notified at once, and opens a window for those that follow.
    case leads(closesAt: Timestamp)
    case opensWindow(closesAt: Timestamp)
    case joinsWindow(closesAt: Timestamp)

    /// Whether a notification would be about it.
    var isNotified: Bool {
        switch self {
        case .duplicate, .suppressed: false
        case .sentAtOnce, .leads, .opensWindow, .joinsWindow: true
        }
    }

    var name: String {
        switch self {
        case .duplicate: "duplicate"
        case .suppressed: "suppressed"
        case .sentAtOnce: "sent_at_once"
        case .leads: "leads"
        case .opensWindow: "opens_window"
        case .joinsWindow: "joins_window"
        }
    }

    var reason: String? { if case .suppressed(let reason) = self { reason } else { nil } }

    /// When the window closes that it joins or opens.
    var closesAt: Timestamp? {
        switch self {
        case .duplicate, .suppressed, .sentAtOnce: nil
        case .leads(let moment), .opensWindow(let moment), .joinsWindow(let moment): moment
        }
    }
}
