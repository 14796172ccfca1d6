import SheafCore

/// The least and the greatest of some events' identifiers. A statement that names both is planned for the partitions
/// between them, and touches no other.
struct EventRange {
    let first: EventID
    let last: EventID

    /// That of no event is between no two.
    init(_ events: some Sequence<EventID>) {
        var (first, last) = (EventID(high: .max, low: .max), EventID(high: 0, low: 0))
        for event in events { (first, last) = (min(first, event), max(last, event)) }
        (self.first, self.last) = (first, last)
    }

    init(_ ranges: some Sequence<EventRange>) { self.init(ranges.flatMap { $0.isEmpty ? [] : [$0.first, $0.last] }) }

    /// From two columns.
    init(_ row: PostgresRow, _ first: some ColumnPlace, _ last: some ColumnPlace) throws {
        self.first = try row.identifier(first)
        self.last = try row.identifier(last)
    }

    private var isEmpty: Bool { first > last }
}
