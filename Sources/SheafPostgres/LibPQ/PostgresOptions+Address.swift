import CLibPQ
public import SheafCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension PostgresOptions {
    private static let form = "postgres://user:password@host:port/database"

    /// The options in an address as libpq takes it, `postgres://user:password@host:port,host:port/database?sslmode=…`
    /// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS). Libpq parses it.
    ///
    /// - Throws: ``SheafError`` `invalid`, whose text holds neither the address nor a value of it.
    public init(connectionString text: String) throws(SheafError) {
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            throw Self.refusal("is not a PostgreSQL address; write \(Self.form)")
        }
        // Libpq takes the first '@' for the end of the password, and would show the rest of the password as a host.
        guard Self.hasOneMeaning(text) else {
            throw Self.refusal(
                "is not a PostgreSQL address: '@' may occur only once, before the host; elsewhere write %40 for '@', "
                    + "and in user and password %2F for '/'")
        }
        let known = Self.parsed("postgresql://").map { Set($0.keys) } ?? []
        if let name = Self.parameterNames(text).first(where: { !known.contains($0) && $0 != "ssl" }) {
            // After a password that was not escaped, the name may be a part of the password.
            let shown = text.contains("password=") ? "" : Self.shown(name)
            throw Self.refusal(
                "has a parameter\(shown) that libpq does not know; a schema is named by options=-csearch_path%3Dname")
        }
        guard let values = Self.parsed(text)?.compactMapValues(\.self) else {
            throw Self.refusal(
                "is not a PostgreSQL address; write \(Self.form), and in user and password %25 for '%', %5B for '['")
        }
        try Self.check(values)
        self.init(values)
    }

    private static func refusal(_ message: String) -> SheafError {
        SheafError(.invalid, field: "store.url", message)
    }

    private static func hasOneMeaning(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count > 1 else { return true }
        return parts.count == 2 && !first.drop { $0 != "/" }.dropFirst(2).contains("/")
    }

    /// The names of parameters after the question mark.
    private static func parameterNames(_ text: String) -> [String] {
        let query = (text.split(separator: "@").last ?? "").drop { $0 != "?" }.dropFirst()
        return query.split(separator: "&").map { String($0.prefix { $0 != "=" }) }
    }

    /// A name with a space before it, if it looks like a name.
    private static func shown(_ name: String) -> String {
        let isPlain = name.count <= 40 && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        return isPlain && !name.isEmpty ? " '\(name)'" : ""
    }

    /// All of libpq's keywords, with values for those in `text`; `nil` if libpq does not understand the text.
    private static func parsed(_ text: String) -> [String: String?]? {
        // Libpq's own error message would quote the address.
        guard let parsed = PQconninfoParse(text, nil) else { return nil }
        defer { PQconninfoFree(parsed) }
        var values: [String: String?] = [:]
        var option = parsed
        while let keyword = option.pointee.keyword {
            values.updateValue(option.pointee.val.map { String(cString: $0) }, forKey: String(cString: keyword))
            option += 1
        }
        return values
    }

    /// Checks what libpq would find out only while it connects.
    private static func check(_ values: [String: String]) throws(SheafError) {
        let entries = values.mapValues { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let (hosts, addresses, ports) = (entries["host"] ?? [], entries["hostaddr"] ?? [], entries["port"] ?? [])
        guard ports.allSatisfy({ $0.isEmpty || (1...65_535).contains(Int($0) ?? 0) }) else {
            throw refusal("is not a PostgreSQL address: a port is not a number from 1 to 65535; write \(form)")
        }
        let count = max(1, addresses.isEmpty ? hosts.count : addresses.count)
        guard ports.count <= 1 || ports.count == count, hosts.isEmpty || hosts.count == count else {
            throw refusal("names another number of ports than of hosts; name one port for all, or one for each")
        }
        for name in ["connect_timeout", "tcp_user_timeout", "keepalives"]
            + ["idle", "interval", "count"].map({
                "keepalives_\($0)"
            })
        {
            if let value = values[name], Int32(value) == nil {
                throw refusal("has no number in the parameter '\(name)'")
            }
        }
        if let session = values["target_session_attrs"], ["read-only", "standby"].contains(session) {
            throw refusal("asks for a server that cannot be written; leave out target_session_attrs")
        }
        if let name = refusedChoice(values) { throw refusal("has a value that libpq does not take for '\(name)'") }
    }

    /// The first parameter whose value is not one of its few allowed values. Libpq checks them all before it connects,
    /// so this connects to a socket that does not exist.
    private static func refusedChoice(_ values: [String: String]) -> String? {
        var values = values.filter { !["hostaddr", "port", "service", "passfile"].contains($0.key) }
        values["host"] = "/var/empty/no-such-folder"
        guard let handle = Self.connect(values) else { return nil }
        defer { PQfinish(handle) }
        let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        // For example: invalid sslmode value: "…".
        let words = message.split(separator: " ").prefix(3)
        guard words.count == 3, words[0] == "invalid", words[2] == "value:" else { return nil }
        return values.keys.first { $0 == words[1] }
    }

    /// Connects; the handle's status reports the result. `nil` if there is no memory for a connection.
    static func connect(_ values: [String: String]) -> OpaquePointer? {
        var keywords: [UnsafeMutablePointer<CChar>?] = values.keys.map { strdup($0) }
        var texts: [UnsafeMutablePointer<CChar>?] = values.keys.map { strdup(values[$0] ?? "") }
        defer { for pointer in keywords + texts { free(pointer) } }
        keywords.append(nil)
        texts.append(nil)
        return keywords.map { UnsafePointer($0) }.withUnsafeBufferPointer { keywords in
            texts.map { UnsafePointer($0) }.withUnsafeBufferPointer { texts in
                PQconnectdbParams(keywords.baseAddress, texts.baseAddress, 0)
            }
        }
    }
}
