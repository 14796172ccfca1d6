import CLibPQ

extension PostgresFailure {
    /// What `result` failed with.
    init(of result: OpaquePointer) {
        func field(_ code: UInt8) -> String? { PQresultErrorField(result, Int32(code)).map { String(cString: $0) } }
        // The macros of libpq-fe.h are characters, which Swift does not see: SQLSTATE, table name, constraint name.
        if let state = field(UInt8(ascii: "C")) {
            self.init(sqlState: state, table: field(UInt8(ascii: "t")), constraint: field(UInt8(ascii: "n")))
        } else {
            self.init(connection: "the connection to PostgreSQL was lost")
        }
    }

    /// Why the connection `handle` cannot do `action`. Libpq's own words on a connection name host, port, user and
    /// database, and no password; of each server that was tried they are a line.
    init(to action: String, _ handle: OpaquePointer) {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        // What is further explained is indented, or has a heading.
        let lines = text.split(whereSeparator: \.isNewline).filter { line in
            !["\t", "DETAIL:", "HINT:"].contains { line.hasPrefix($0) }
        }
        self.init(connection: "PostgreSQL: " + (lines.isEmpty ? "cannot \(action)" : lines.joined(separator: "; ")))
    }
}
