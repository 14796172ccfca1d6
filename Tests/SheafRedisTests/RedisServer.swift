import Foundation
import SheafCore

@testable import SheafRedis

/// A Redis server for tests.
struct RedisServer: Sendable {
    let port: Int

    func options(_ change: (inout RedisOptions) -> Void = { _ in }) -> RedisOptions {
        var options = RedisOptions(port: port, poolSize: 4, prefix: "test-\(UUID()):")
        // Tests share two cores with each other.
        options.connectTimeout = .seconds(20)
        options.commandTimeout = .seconds(30)
        options.maximumWait = .seconds(30)
        change(&options)
        return options
    }

    /// The server that all tests share; they keep apart by their prefixes.
    static func shared() throws -> RedisServer {
        guard let text = ProcessInfo.processInfo.environment["SHEAF_TEST_REDIS_URL"],
            let port = URLComponents(string: text)?.port
        else { throw SheafError(.invalid, "SHEAF_TEST_REDIS_URL does not say where Redis is") }
        return RedisServer(port: port)
    }

    static var isSkipped: Bool {
        (ProcessInfo.processInfo.environment["SHEAF_TEST_SKIP"] ?? "").split(separator: ",").contains("redis")
    }
}

/// A Redis server of a test's own.
final class OwnRedisServer: Sendable {
    let server: RedisServer
    private let process: Process
    private let watchdog: Process

    /// Starts one on a free port, or on `port` again.
    init(_ arguments: [String] = [], port: Int? = nil) async throws {
        server = RedisServer(port: try port ?? Self.freePort())
        try FileManager.default.createDirectory(atPath: Self.folder(server.port), withIntermediateDirectories: true)
        let words =
            [
                "exec", "redis-server", "--bind", "127.0.0.1", "--port", String(server.port), "--save", "''",
                "--appendonly", "no", "--enable-debug-command", "yes", "--dir", Self.folder(server.port),
            ] + arguments
        process = try Self.shell(words.joined(separator: " "))
        // Ends the server when this process has ended, in whatever way.
        watchdog = try Self.shell(
            """
            while kill -0 \(ProcessInfo.processInfo.processIdentifier); do sleep 1; done
            kill -9 \(process.processIdentifier)
            """)
        do {
            try await waitUntilReady()
        } catch {
            stop()
            throw error
        }
    }

    private static func shell(_ script: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    var port: Int { server.port }

    /// Kills it.
    func stop() {
        // Only a signal that cannot be blocked: they have the mask of a thread of Swift's.
        for process in [watchdog, process] {
            kill(process.processIdentifier, SIGKILL)
            while process.isRunning { usleep(1000) }
        }
        try? FileManager.default.removeItem(atPath: Self.folder(port))
    }

    /// Runs `body` and kills the server, whatever happens.
    static func with(
        _ arguments: [String] = [], _ body: @Sendable (OwnRedisServer) async throws -> Void
    ) async throws {
        let server = try await OwnRedisServer(arguments)
        do {
            try await body(server)
        } catch {
            server.stop()
            throw error
        }
        server.stop()
    }

    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let socket = try? RedisSocket(server.options()),
                let reply = try? socket.exchange([RedisArguments("PING")]).first
            {
                if case .error(let error) = reply, error.isPassing { continue }
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw SheafError(.unavailable, "redis-server did not start")
    }

    private static func folder(_ port: Int) -> String {
        FileManager.default.temporaryDirectory.appending(path: "sheaf-redis-\(port)").path
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
