import ArgumentParser
import SheafEngine

/// `sheaf windows`.
struct WindowsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "windows", abstract: "Shows and closes open windows.", version: Version.current,
        subcommands: [List.self, Flush.self])

    func run() throws { throw MissingCommand.error }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists open windows.", version: Version.current)

        @OptionGroup var common: CommonOptions
        @Option(help: "Windows a page, at most 1000.") var limit: Int?
        @Option(help: "The 'next' of the previous page.") var after: String?

        func run() async throws {
            try await common.operate { operations in
                try CommandResult.write(document: try await operations.windows(after: after, limit: limit))
            }
        }
    }

    struct Flush: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes an open window due now; a running service digests it.", version: Version.current)

        @OptionGroup var common: CommonOptions
        @Argument(help: "The window's key, such as sale_item_changed:42:7.") var key: String

        func run() async throws {
            try await common.operate { operations in
                try await operations.flush(key)
                CommandResult.write("\(key) is due")
            }
        }
    }
}
