import ArgumentParser
import SheafApp
import SheafCore

/// `sheaf run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs roles in one process.", version: Version.current)

    @OptionGroup var common: CommonOptions

    @Option(
        help: "The roles, separated by commas: service, databus, qaas. Default: all that are configured.",
        transform: RoleList.init(text:))
    var roles: RoleList?

    func run() async throws { try await Self.run(common, roles: roles?.roles) }

    /// - Parameter roles: `nil` for all that are configured.
    static func run(_ common: CommonOptions, roles: Set<Role>?) async throws {
        // First, so that a SIGHUP during a long start does not end the process.
        let reloading = await Reloading()
        try await common.serve { container, logger in
            let roles = roles ?? container.settings.configuredRoles
            let app = App(container: container, roles: roles, logger: logger, reloading: reloading)
            try await Runner(container).run { try await app.services() }
        }
    }
}

/// Roles as written on the command line.
struct RoleList: Sendable {
    let roles: Set<Role>

    init(text: String) throws {
        roles = Set(
            try text.split(separator: ",").map { name in
                guard let role = Role(rawValue: name.trimmingPrefix { $0 == " " }.description) else {
                    throw ValidationError("'\(name)' is not a role; write service, databus or qaas.")
                }
                return role
            })
        guard !roles.isEmpty else { throw ValidationError("Name at least one of service, databus and qaas.") }
    }
}
