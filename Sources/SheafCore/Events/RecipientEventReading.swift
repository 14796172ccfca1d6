/// Which ended windows a page of a recipient's events is read from, and down to which event the page is then complete.
///
/// The work does not grow with the number of windows: windows come newest first, by their last events, and are read only
/// until those that were read have enough events that are newer than all others. Beside them a page is read from live
/// windows, from events without a window, and from the windows that the cursor lies within.
///
/// A window may have fewer events than it had when it ended: some were admitted again, or pruned. So what was read may
/// be too little. The page is then short, and the next begins at its end.
public struct RecipientEventReading: Sendable {
    /// An ended window whose last event is older than the cursor.
    public struct Window: Hashable, Sendable {
        public let id: WindowID
        public let first: EventID
        public let last: EventID
        /// How many events it had when it ended.
        public let events: Int

        public init(id: WindowID, first: EventID, last: EventID, events: Int) {
            (self.id, self.first, self.last, self.events) = (id, first, last, events)
        }
    }

    /// The windows to read.
    public let windows: ArraySlice<Window>
    /// The oldest event that may be on the page; `nil` if no window is left out.
    public let floor: EventID?
    private let limit: Int

    /// How many windows must be known for a page of at most `limit` events. Each contributes at least one event, one more
    /// event shows that there is another page, and one more window shows how far back the page is complete.
    public static func windows(for limit: Int) -> Int { limit + 2 }

    /// - Parameter newest: the newest windows, newest first: ``windows(for:)`` of them or all, and any others that have
    ///   the same last event as the last of these. Windows share one if it was admitted again.
    public init(newest: [Window], limit: Int) {
        // Of windows that share their last event, all are read or none, so that a page always gets further.
        let unread = newest.indices.first { index in
            let last = newest[index].last
            let newer = newest[..<index].reduce(0) { sum, window in
                guard window.last > last else { return sum }
                return sum + (window.first > last ? max(1, window.events) : 1)
            }
            return newer > limit
        }
        windows = newest[..<(unread ?? newest.endIndex)]
        if let unread {
            floor = newest[unread].last.successor
        } else {
            floor = newest.count < Self.windows(for: limit) ? nil : newest.last?.last
        }
        self.limit = limit
    }

    /// How many of the newest events are on the page, and the cursor of the next one.
    /// - Parameter found: the newest events from ``floor`` on, newest first: one more than the limit, or all.
    public func page(of found: [EventID]) -> (count: Int, next: EventID?) {
        found.count > limit ? (limit, found[limit - 1]) : (found.count, floor)
    }
}
