#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The files, connections among them, that the process may have open at once.
enum OpenFiles {
    /// The limit that the system sets; `nil` if it sets none.
    static var limit: Int? {
        let limit = sysconf(Int32(_SC_OPEN_MAX))
        return limit > 0 ? limit : nil
    }

    /// How many connections a server may hold that is asked to hold `wanted`, and leave a quarter of the files to others.
    static func connections(upTo wanted: Int, of limit: Int? = limit) -> Int {
        min(wanted, limit.map { $0 - $0 / 4 } ?? wanted)
    }
}
