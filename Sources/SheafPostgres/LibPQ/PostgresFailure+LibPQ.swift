import CLibPQ

extension PostgresFailure {
    /// The failure that `result` reports.
    init(of result: OpaquePointer) {
        func field(_ code: UInt8) -> String? { PQresultErrorField(result, Int32(code)).map { String(cString: $0) } }
        // Swift does not import these macros of libpq-fe.h, which are characters: SQLSTATE, table name, constraint
        // name.
        if let state = field(UInt8(ascii: "C")) {
            self.init(sqlState: state, table: field(UInt8(ascii: "t")), constraint: field(UInt8(ascii: "n")))
        } else {
            self.init(connection: "the connection to PostgreSQL was lost")
        }
    }

    /// Why the connection `handle` cannot do `action`. Libpq's own messages about a connection name host, port, user
    /// and database but no password, with one line for each server that was tried.
    init(to action: String, _ handle: OpaquePointer) {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        // Further explanations are indented or have a heading.
        let lines = text.split(whereSeparator: \.isNewline).filter { line in
            !["\t", "DETAIL:", "HINT:"].contains { line.hasPrefix($0) }
        }
        self.init(connection: "PostgreSQL: " + (lines.isEmpty ? "cannot \(action)" : lines.joined(separator: "; ")))
    }
}
