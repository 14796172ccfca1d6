import ArgumentParser
import Logging
import SheafApp
import SheafCore

/// `sheaf migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings the store's schema up to date.", version: Version.current)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run(logging: .warning) { container, _ in
            try await container.migrateStore()
            CommandResult.write("the schema is up to date")
        }
    }
}
