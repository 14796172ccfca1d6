import ArgumentParser
import Logging
import SheafApp
import SheafCore
import SheafSandbox

/// `sheaf sandbox`.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Serves the sales, items and gateway protocols with made-up data, for trying things out.",
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Option(help: "The address it listens on. Whoever reaches it may ask it.") var host = "127.0.0.1"
    @Option(help: "Its port; 0 takes a free one.") var port = 8090
    @Option(help: "The share of requests that fail, from 0 to 1.") var failureRate = 0.0

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("The port is a number from 0 to 65535.") }
        guard (0...1).contains(failureRate) else { throw ValidationError("The failure rate is from 0 to 1.") }
    }

    func run() async throws {
        try await common.serve { container, logger in
            guard port == 0 || FreePort.isFree(port) else {
                throw SheafError(.unavailable, "cannot listen on 127.0.0.1:\(port)")
            }
            let server = SandboxServer(
                options: SandboxOptions(host: host, port: port, failureRate: failureRate),
                logger: Logger(label: "sheaf.sandbox"))
            let announcement = Task {
                let port = try await server.port
                logger.notice("the sandbox serves", metadata: ["url": "http://\(host):\(port)"])
            }
            defer { announcement.cancel() }
            try await Runner(container).run { [server] }
        }
    }
}
