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
    /// database, and no password.
    init(to action: String, _ handle: OpaquePointer) {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "cannot \(action)"
        self.init(connection: "PostgreSQL: \(line)")
    }
}
