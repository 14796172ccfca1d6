import SheafCore

/// Tells which notifications came into sight from one look at the store to the next.
///
/// Identifiers are in the order of time, but a transaction may commit after one whose notifications have higher ones. So
/// each look goes back behind the one before, and what was seen there is remembered.
struct NotificationWatch {
    /// How long after a notification got its identifier it is still new when it comes into sight.
    static let lag: Duration = .seconds(30)
    /// How many identifiers a look goes back at most, so that neither it nor what is remembered grows with the load.
    static let reach = 10_000

    /// A look asks for the newest identifiers above this one, at most ``reach``.
    private(set) var bound: NotificationID
    /// What was seen above the bound.
    private var seen: Set<NotificationID> = []

    /// - Parameter moment: what got its identifier before it is not looked at.
    init(from moment: Timestamp) { bound = .lowerBound(at: moment) }

    /// - Parameters:
    ///   - ids: the newest identifiers above the bound, newest first.
    ///   - moment: when the look began.
    /// - Returns: the new ones, oldest first.
    mutating func look(_ ids: [NotificationID], at moment: Timestamp) -> [NotificationID] {
        let new = ids.reversed().filter { !seen.contains($0) }
        bound = max(bound, .lowerBound(at: moment - Self.lag))
        // What lies below was not looked at, and would seem to be new once something above it is erased.
        if ids.count >= Self.reach, let last = ids.last { bound = max(bound, last) }
        seen = Set(ids.prefix { $0 > bound })
        return new
    }
}
