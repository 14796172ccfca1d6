import SheafCore

/// Finds the notifications that appeared between two polls of the store.
///
/// Ids are ordered by time, but a transaction may commit after one whose notifications have higher ids. So each poll
/// starts before the end of the previous one, and the ids seen there are remembered.
struct NotificationWatch {
    /// How long after a notification got its id it can still appear as new.
    static let lag: Duration = .seconds(30)
    /// How many ids a poll goes back at most, so that neither the poll nor the remembered ids grow with the load.
    static let reach = 10_000

    /// A poll asks for the newest ids above this one, at most ``reach``.
    private(set) var bound: NotificationID
    /// The ids seen above the bound.
    private var seen: Set<NotificationID> = []

    /// - Parameter moment: notifications with older ids are ignored.
    init(from moment: Timestamp) { bound = .lowerBound(at: moment) }

    /// - Parameters:
    ///   - ids: the newest identifiers above the bound, newest first.
    ///   - moment: when the poll began.
    /// - Returns: the new ones, oldest first.
    mutating func look(_ ids: [NotificationID], at moment: Timestamp) -> [NotificationID] {
        let new = ids.reversed().filter { !seen.contains($0) }
        bound = max(bound, .lowerBound(at: moment - Self.lag))
        // Older ids were not read. Without this bound they would seem new once a newer one is erased.
        if ids.count >= Self.reach, let last = ids.last { bound = max(bound, last) }
        seen = Set(ids.prefix { $0 > bound })
        return new
    }
}
