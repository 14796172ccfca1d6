import ArgumentParser
import Logging
import SheafApp
import SheafCore

/// `sheaf backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the embedded database into a file, also while Sheaf runs.",
        discussion: """
            The copy is the database as it is at one moment, and a database by itself. Copying sheaf.db by other means \
            misses what is still in sheaf.db-wal. A file that exists is not overwritten. To go back to a copy, end \
            Sheaf, delete sheaf.db, sheaf.db-wal and sheaf.db-shm, and put the copy in the place of sheaf.db.

            PostgreSQL has pg_dump.
            """,
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The file to make.", completion: .file()) var file: String

    func run() async throws {
        let file = file
        try await common.run(logging: .warning) { container, _ in
            try await container.backUpStore(to: file)
            CommandResult.write("copied the database to \(file)")
        }
    }
}
