import Algorithms
import GRDB
import SheafCore

/// Reads those of some events that are new.
///
/// What is asked for together was mostly stored together, so its rows lie side by side: stepping from one to the next
/// takes a fraction of a search, even over a few rows that nobody asked for.
struct NewEvents {
    private static let chunk = 100

    private let database: Database
    private let sources: SourceNames
    private let range: PreparedStatement
    private let single: PreparedStatement

    init(database: Database, sources: SourceNames) throws {
        self.database = database
        self.sources = sources
        let query = "SELECT \(Event.columns), status FROM events"
        // The rows that are passed over count too, so the limit bounds the work.
        range = try PreparedStatement("\(query) WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?", in: database)
        single = try PreparedStatement("\(query) WHERE id = ?", in: database)
    }

    /// - Parameter ids: in ascending order, each once.
    /// - Returns: the events that are new, in their order.
    func read(_ ids: [EventID]) throws -> [Event] {
        var events: [Event] = []
        var isDense = ids.count > 1
        for chunk in ids.chunks(ofCount: Self.chunk) {
            let rest = isDense ? try step(through: chunk, &events) : chunk
            // Once too much lies between them, they are searched for one by one.
            isDense = isDense && rest.isEmpty
            for id in rest { if let event = try single.first(id, map: event) { events.append(event) } }
        }
        return events
    }

    /// - Returns: the ids that were not come to.
    private func step(through ids: ArraySlice<EventID>, _ events: inout [Event]) throws -> ArraySlice<EventID> {
        guard let first = ids.first, let last = ids.last else { return [] }
        var rest = ids
        let limit = ids.count * 2
        var rows = 0
        events += try range.rows(first, last, limit) { columns -> Event? in
            rows += 1
            guard let id = columns.identifier(0, of: Event.self) else { return nil }
            rest = rest.drop { $0 < id }
            guard rest.first == id else { return nil }
            rest.removeFirst()
            return try event(columns)
        }
        return rows < limit ? [] : rest
    }

    private func event(_ columns: Columns) throws -> Event? {
        guard columns.integer(10) == EventStatus.new.rawValue else { return nil }
        return try Event(columns: columns, sources: sources, database: database)
    }
}
