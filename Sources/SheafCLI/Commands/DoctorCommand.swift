import ArgumentParser
import Logging
import SheafApp

/// `sheaf doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks the configuration and every configured server, a line each.",
        version: Version.current)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run(logging: .critical) { container, _ in
            CommandResult.write("ok    configuration  \(common.config ?? "defaults and environment")")
            var isWell = true
            for check in Doctor(container).checks {
                let result = await check.run()
                isWell = isWell && result.isWell
                CommandResult.write(
                    "\(result.isWell ? "ok   " : "fail ") \(check.name.padded(to: 14)) "
                        + result.detail.replacing("\n", with: "\n      "))
            }
            guard isWell else { throw ExitCode.failure }
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
