import Foundation
import SheafCore

/// Ensures that only one process at a time works on a SQLite file; others may still read it and write events to it.
///
/// The lock is the operating system's, so a killed process leaves none behind.
final class SoleOwner: Sendable {
    private let descriptor: Int32

    /// - Throws: ``SheafError`` `unavailable` if another process has the lock.
    init(path: String) throws(SheafError) {
        descriptor = open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SheafError(.storage, field: "store.url", "the lock file beside the database cannot be created")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            Foundation.close(descriptor)
            throw SheafError(.unavailable, field: "store.url", "another process works on this database")
        }
    }

    func release() { Foundation.close(descriptor) }
}
