import FoundationEssentials
import SheafCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The database's file and its write-ahead log, as they were when they were opened.
///
/// The system keeps a file that was deleted for as long as it is open: SQLite goes on writing, and nothing of it is
/// there after a restart.
struct DatabaseFiles: Sendable {
    private struct Identity: Equatable {
        let device: dev_t
        let number: ino_t

        /// - Returns: `nil` if there is no such file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, number) = (status.st_dev, status.st_ino)
        }
    }

    private let opened: [(path: String, identity: Identity)]

    /// - Parameter path: of a database that is open, in the mode of a write-ahead log.
    init(path: String) {
        opened = [path, path + "-wal"].compactMap { path in Identity(path).map { (path, $0) } }
    }

    /// Makes an empty file that its owner alone can read. SQLite takes it for a new database, and gives the files beside
    /// it the same mode.
    ///
    /// - Returns: whether it was made; `errno` says why it was not.
    static func create(_ path: String) -> Bool {
        // A file that exists must not even be opened: closing it would end the locks that this process has on it.
        let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        close(file)
        return true
    }

    /// Makes sure that what is written can be found again.
    /// - Throws: ``SheafError`` `storage` if a file was deleted, moved or replaced.
    func check() throws(SheafError) {
        for (path, identity) in opened where Identity(path) != identity {
            throw SheafError(
                .storage, field: "store.url",
                "\(path) was deleted, moved or replaced while it is open; nothing more is stored until Sheaf is started "
                    + "again, or the file is back")
        }
    }
}
