import SheafCore

/// A window that has not ended.
struct MemoryWindow: Sendable {
    enum Stage: Sendable {
        /// It takes events, unless it is alone.
        case open
        /// It was due when an event came, or handed back; its key may open another.
        case closed
        /// It may have waited before.
        case claimed(after: WaitReason?)
        case waiting(WaitReason)
    }

    let id: WindowID
    let key: WindowKey
    let isAlone: Bool
    var stage: Stage
    /// When it can be claimed: when it closes, when its lease or its wait is over.
    var due: Timestamp
    var state: WindowState
    /// The claim that holds it; zero if none does.
    var token: Int64 = 0
    var revision: Int64 = 0
    var attempt = 0

    var isOpen: Bool {
        if case .open = stage { !isAlone } else { false }
    }

    /// What held it back when it waited last, also while it is tried again.
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

    /// When it was due to be digested, whatever it waited for a service since.
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
    var view: OpenWindow {
        OpenWindow(
            id: id, key: key, events: state.events, openedAt: state.openedAt,
            closesAt: waitsFor == nil ? state.closesAt : due, waitsFor: waitsFor, isAlone: isAlone)
    }

    func isHeld(by claim: ClaimedWindow) -> Bool { id == claim.id && token == claim.token }
}
