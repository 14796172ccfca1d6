public import ArgumentParser

/// `sheaf`: all commands.
public struct SheafCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sheaf",
        abstract: "Digests bursts of events into one well-written notification each, and never loses an event.",
        version: Version.current,
        subcommands: [
            RunCommand.self, DemoCommand.self, SandboxCommand.self, MigrateCommand.self, PublishCommand.self,
            EventsCommand.self, WindowsCommand.self, DeadLettersCommand.self, ReplayCommand.self,
            TypesCommand.self, ExplainCommand.self, BackupCommand.self, DoctorCommand.self,
        ])

    public init() {}

    public func run() throws { throw MissingCommand.error }
}

/// The error of a command that has only subcommands, if none is named.
enum MissingCommand {
    static var error: ValidationError { ValidationError("Name a command; --help lists them.") }
}

/// The version of the programs.
enum Version {
    static let current = "0.1.0"
}
