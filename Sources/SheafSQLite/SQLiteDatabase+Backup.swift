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
    /// Copies the database as it is at one moment, beside whoever works on it. Only its owner can read the copy, which is
    /// whole and on the disk before it takes the place of an empty file at `path`.
    ///
    /// - Throws: `SheafError` `invalid` if there is a file at `path`, `storage` or `unavailable` if it cannot be written.
    public func backUp(to path: String) async throws {
        // Whoever else wants the name is refused from here on.
        try BackupFile.create(path)
        let unfinished = path + ".unfinished-\(UUID().uuidString)"
        do {
            // SQLite takes an empty file for none, and leaves its permissions.
            try BackupFile.create(unfinished)
            try await withoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [unfinished]) }
            try BackupFile.synchronize(unfinished)
            guard rename(unfinished, path) == 0 else { throw BackupFile.failure(path) }
        } catch {
            unlink(unfinished)
            unlink(path)
            throw error
        }
        try BackupFile.synchronize(URL(filePath: path).deletingLastPathComponent().path)
    }
}

private enum BackupFile {
    /// Makes an empty file that its owner alone can read.
    static func create(_ path: String) throws(SheafError) {
        let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw errno == EEXIST
                ? SheafError(.invalid, "there is a file at \(path) already, which is left as it is") : failure(path)
        }
        close(file)
    }

    /// Waits until the file or folder is on the disk.
    static func synchronize(_ path: String) throws(SheafError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure(path) }
    }

    static func failure(_ path: String) -> SheafError {
        SheafError(.storage, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
