import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import SheafApp
import SheafCore
import SheafEngine
import SheafGateway
import SheafSandbox

/// `sheaf demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs everything in one process, with a made-up marketplace and a burst of events.",
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Flag(help: "End with status 0 once the burst has been notified.") var once = false

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-demo-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sandbox = SandboxServer(logger: Self.quiet("sheaf.sandbox"))
        // The sandbox starts before the configuration is complete, since its port is part of it.
        let serving = Task { try await sandbox.run() }
        defer { serving.cancel() }
        guard let address = HTTPURL("http://127.0.0.1:\(try await sandbox.port)") else {
            throw SheafError(.unavailable, "the sandbox has no address")
        }
        try await common.serve(logging: .warning, adjust: { try Self.adjust(&$0, folder, address) }) {
            container, logger in
            let gateway = try await ShowingGateway(HTTPGateway(url: address, client: container.gatewayClient))
            try await container.replace("gateway", with: gateway as any Gateway)
            let app = App(
                container: container, roles: [.service, .qaas], logger: logger, reloading: await Reloading()
            ) { port in
                CommandResult.write("The console page is at http://127.0.0.1:\(port)/, the sandbox at \(address)")
            }
            try await Runner(container).run { [once] in
                let services = try await app.services()
                let show = try await DemoShow(
                    engine: container.engine([.service, .qaas]), store: container.store, endsWhenDone: once)
                return services + [show]
            }
        }
    }

    /// The embedded mode in a temporary folder, with a short window.
    private static func adjust(_ settings: inout Settings, _ folder: URL, _ address: HTTPURL) throws {
        settings.store.url = .sqlite(path: folder.appending(path: "demo.db").path)
        settings.debouncer.url = .store
        settings.queue.url = .store
        settings.databus.url = nil
        settings.sales.url = address
        settings.items.url = address
        settings.types["sale_item_changed", default: TypeSettings()].window = .seconds(3)
        if !FreePort.isFree(settings.http.port) { settings.http.port = 0 }
    }

    private static func quiet(_ label: String) -> Logger {
        var logger = Logger(label: label)
        logger.logLevel = .error
        return logger
    }
}
