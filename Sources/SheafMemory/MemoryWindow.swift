import SheafCore

/// A window that has not ended.
struct MemoryWindow: Sendable {
    enum Stage: Sendable {
        /// Events may join it, unless it is alone.
        case open
        /// It was due when an event came, or was handed back; its key may open another.
        case closed
        /// It may have waited before.
        case claimed(after: WaitReason?)
        case waiting(WaitReason)
    }

    let id: WindowID
    let key: WindowKey
    let isAlone: Bool
    var stage: Stage
    /// When it can be claimed: when it closes, or when its lease or wait ends.
    var due: Timestamp
    var state: WindowState
    /// The token of the claim that holds it; zero if there is none.
    var token: Int64 = 0
    var revision: Int64 = 0
    var attempt = 0
    /// Why it waits, or waited last.
    var waitedFor: WaitReason?

    var isOpen: Bool {
        if case .open = stage { !isAlone } else { false }
    }

    /// Why it waits, or waited last if it is being retried.
    var waitsFor: WaitReason? {
        switch stage {
        case .waiting(let reason): reason
        case .claimed(let reason): reason
        case .open, .closed: nil
        }
    }

    var isWaiting: Bool {
        if case .waiting = stage { true } else { false }
    }

    /// When it fell due for digesting, regardless of later waits for a service.
    var workDueAt: Timestamp {
        switch stage {
        case .open, .closed: due
        case .claimed, .waiting(.service): state.closesAt
        case .waiting: due
        }
    }

    /// Whether operators see it among the open windows.
    var isShown: Bool { isOpen || waitsFor != nil }

    /// The window as operators see it.
    var view: LiveWindow {
        LiveWindow(
            id: id, key: key, events: state.events, bytes: state.bytes, openedAt: state.openedAt,
            closesAt: waitsFor == nil ? state.closesAt : due, waitsFor: waitsFor, isAlone: isAlone)
    }

    func isHeld(by claim: ClaimedWindow) -> Bool { id == claim.id && token == claim.token }
}
