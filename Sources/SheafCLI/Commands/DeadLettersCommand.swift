import ArgumentParser
import SheafEngine

/// `sheaf dead-letters`.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Shows dead letters, and tries them again.",
        version: Version.current, subcommands: [List.self, Redrive.self])

    func run() throws { throw MissingCommand.error }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists dead letters, newest first.", version: Version.current)

        @OptionGroup var common: CommonOptions
        @Option(help: "Dead letters a page, at most 1000.") var limit: Int?
        @Option(help: "The 'next' of the previous page.") var after: String?

        func run() async throws {
            try await common.operate { operations in
                try CommandResult.write(document: try await operations.deadLetters(after: after, limit: limit))
            }
        }
    }

    struct Redrive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tries a dead letter again, or all of them.", version: Version.current)

        @OptionGroup var common: CommonOptions
        @Argument(help: "The dead letter's identifier.") var id: String?
        @Flag(help: "All that can be tried again.") var all = false

        func validate() throws {
            guard (id == nil) == all else { throw ValidationError("Give either an identifier or --all.") }
        }

        func run() async throws {
            try await common.operate { operations in
                if let id {
                    try await operations.redrive(id)
                    CommandResult.write("redriven 1")
                } else {
                    CommandResult.write("redriven \(try await operations.redriveAll())")
                }
            }
        }
    }
}
