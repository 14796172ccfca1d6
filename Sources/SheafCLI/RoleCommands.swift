public import ArgumentParser
import SheafApp

/// `sheaf-service`: the API, the digesting of windows, the rescuer and the relay.
public struct ServiceCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sheaf-service", abstract: "Runs the role 'service'.", version: Version.current)

    @OptionGroup var common: CommonOptions

    public init() {}

    public func run() async throws { try await RunCommand.run(common, roles: [.service]) }
}

/// `sheaf-databus`: reads events from the business topics.
public struct DatabusCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sheaf-databus", abstract: "Runs the role 'databus'.", version: Version.current)

    @OptionGroup var common: CommonOptions

    public init() {}

    public func run() async throws { try await RunCommand.run(common, roles: [.databus]) }
}

/// `sheaf-qaas`: handles the queue's messages.
public struct QueueCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sheaf-qaas", abstract: "Runs the role 'qaas'.", version: Version.current)

    @OptionGroup var common: CommonOptions

    public init() {}

    public func run() async throws { try await RunCommand.run(common, roles: [.qaas]) }
}
