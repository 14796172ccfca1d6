import FoundationEssentials
import GRDB
import SheafCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SQLiteDatabase {
    /// Copies a snapshot of the database while others work on it. Only the owner can read the copy, which is complete
    /// and synced to disk before it gets the name `path`.
    ///
    /// - Throws: `SheafError` `invalid` if there is a file at `path`, `storage` or `unavailable` if it cannot be
    ///   written.
    public func backUp(to path: String) async throws {
        guard access(path, F_OK) != 0 else { throw BackupFile.exists(path) }
        let unfinished = path + ".unfinished-\(UUID().uuidString)"
        do {
            guard DatabaseFiles.create(unfinished) else { throw BackupFile.failure(unfinished) }
            try await withoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [unfinished]) }
            try BackupFile.synchronize(unfinished)
            // Unlike renaming, linking replaces nothing.
            guard link(unfinished, path) == 0 else {
                throw errno == EEXIST ? BackupFile.exists(path) : BackupFile.failure(path)
            }
            unlink(unfinished)
        } catch {
            unlink(unfinished)
            throw error
        }
        try BackupFile.synchronize(URL(filePath: path).deletingLastPathComponent().path)
    }
}

private enum BackupFile {
    /// Syncs the file or folder to disk.
    static func synchronize(_ path: String) throws(SheafError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure(path) }
    }

    static func exists(_ path: String) -> SheafError {
        SheafError(.invalid, "there is a file at \(path) already, which is left as it is")
    }

    static func failure(_ path: String) -> SheafError {
        SheafError(.storage, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
