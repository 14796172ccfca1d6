import SheafCore

/// Events that are to be worded together: a closed window's, or one immediate event.
struct CompositionUnit: Sendable {
    let events: [Event]
    let window: ClosedWindow?
}

/// What became of a unit.
enum CompositionOutcome: Sendable {
    /// Its events have ended: in a notification, suppressed, or given up.
    case finished
    /// None of its events has ended; they are to be tried again later.
    case postponed(any Error)
}
