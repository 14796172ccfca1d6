import ArgumentParser
import Logging
import SheafApp
import SheafCore
import SheafEngine

/// `sheaf events`.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Shows what became of events.", version: Version.current,
        subcommands: [Show.self])

    func run() throws { throw MissingCommand.error }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows an event with its history.", version: Version.current)

        @OptionGroup var common: CommonOptions
        @Argument(help: "The event's identifier: its producer's, or Sheaf's.") var id: String
        @Option(help: "The source it came from, if several use the same identifier; the newest otherwise.")
        var source: String?

        func run() async throws {
            try await common.operate { operations in
                try CommandResult.write(document: try await operations.event(id, source: source))
            }
        }
    }
}

extension CommonOptions {
    /// Runs a command's body on the operations that the API also offers.
    func operate(_ body: @escaping @Sendable (Operations) async throws -> Void) async throws {
        try await run(logging: .warning) { container, _ in
            try container.requireDatabase()
            try await container.migrateStore()
            try await body(container.operations)
        }
    }
}
