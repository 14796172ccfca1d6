#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The limit of open files, including connections, of the process.
enum OpenFiles {
    /// The system's limit; `nil` if there is none.
    static var limit: Int? {
        let limit = sysconf(Int32(_SC_OPEN_MAX))
        return limit > 0 ? limit : nil
    }

    /// How many connections a server may hold that should hold `wanted`: a quarter of the files is left for other uses.
    static func connections(upTo wanted: Int, of limit: Int? = limit) -> Int {
        min(wanted, limit.map { $0 - $0 / 4 } ?? wanted)
    }
}
