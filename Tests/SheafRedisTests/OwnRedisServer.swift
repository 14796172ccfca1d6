import BlockingIO
import Foundation
import SheafCore

@testable import SheafRedis

/// A Redis server for a single test.
final class OwnRedisServer: Sendable {
    let server: RedisServer
    private let processes: Processes

    /// Starts one on a free port, or on `port` again.
    ///
    /// - Parameter certificates: with them it accepts only TLS.
    init(_ arguments: [String] = [], port: Int? = nil, certificates: TestCertificates? = nil) async throws {
        var attempt = 1
        while true {
            let processes = Processes()
            let server = RedisServer(
                port: try await processes.start(arguments, port: port, certificates: certificates),
                tls: certificates.map { RedisTLS(authorities: $0.authority) })
            if try await processes.untilReady(server) {
                (self.processes, self.server) = (processes, server)
                return
            }
            await processes.stop()
            // Another process may have taken the free port meanwhile.
            guard attempt < 5 else { throw SheafError(.unavailable, "redis-server did not start") }
            attempt += 1
        }
    }

    var port: Int { server.port }

    /// Kills it.
    func stop() async { await processes.stop() }

    /// Runs `body` and then kills the server, even after an error.
    static func with(
        _ arguments: [String] = [], certificates: TestCertificates? = nil,
        _ body: @Sendable (OwnRedisServer) async throws -> Void
    ) async throws {
        let server = try await OwnRedisServer(arguments, certificates: certificates)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}

/// Starting and ending processes blocks, so it has a thread of its own.
private actor Processes {
    private let executor = ThreadExecutor()
    private var shell: Process?
    private var folder: URL?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Starts a server.
    /// - Returns: its port.
    func start(_ arguments: [String], port known: Int?, certificates: TestCertificates?) throws -> Int {
        let port = try known ?? Self.freePort()
        let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-redis-\(port)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let words =
            [
                "redis-server", "--bind", "127.0.0.1", certificates == nil ? "--port" : "--tls-port", String(port),
                "--save", "''", "--appendonly", "no",
                "--enable-debug-command", "yes", "--dir", folder.path,
                // Only used in cluster mode. By default it is 10,000 above, which is too much for a high port.
                "--cluster-port", String(try Self.freePort()),
            ] + arguments + (certificates?.serverArguments ?? [])
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        // The shell ends the server when this process ends, for whatever reason.
        process.arguments = [
            "-c",
            """
            \(words.joined(separator: " ")) & server=$!
            echo $server > \(folder.path)/server
            while kill -0 \(ProcessInfo.processInfo.processIdentifier) && kill -0 $server; do sleep 1; done
            kill -9 $server
            """,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        (shell, self.folder) = (process, folder)
        return port
    }

    /// Whether the server became ready, instead of ending or being silent for a minute.
    func untilReady(_ server: RedisServer) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline, shell?.isRunning == true {
            do {
                let reply = try await RedisConnection.open(server.options()).exchange([RedisArguments("PING")]).first
                guard case .error(let error) = reply, error.isPassing else { return true }
            } catch let error as SheafError where error.code != .unavailable {
                // It responds, though not as this client needs.
                return true
            } catch {}
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    func stop() {
        guard let shell, let folder else { return }
        // Only a signal that cannot be blocked: both have the signal mask of a thread that starts tests.
        let text = try? String(contentsOf: folder.appending(path: "server"), encoding: .utf8)
        if let server = text.flatMap({ pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }) {
            kill(server, SIGKILL)
        }
        kill(shell.processIdentifier, SIGKILL)
        while shell.isRunning { usleep(1000) }
        try? FileManager.default.removeItem(at: folder)
        self.shell = nil
    }

    private static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 ? getsockname(listener, $0, &size) : -1
            }
        }
        guard status == 0 else { throw SheafError(.unavailable, "there is no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
