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
/// The system keeps a deleted file as long as it is open: SQLite continues to write to it, and all of that is lost on a
/// restart.
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

    /// - Parameter path: the path of an open database in WAL mode.
    init(path: String) {
        opened = [path, path + "-wal"].compactMap { path in Identity(path).map { (path, $0) } }
    }

    /// Creates an empty file that only its owner can read. SQLite treats it as a new database, and gives the files
    /// beside it the same mode.
    ///
    /// - Returns: whether it was created; if not, `errno` holds the reason.
    static func create(_ path: String) -> Bool {
        // An existing file must not even be opened: closing it would release the locks that this process has on it.
        let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        close(file)
        return true
    }

    /// Checks that the files still exist, so that writes are not lost.
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
