import Foundation
import SheafCore

@testable import SheafRedis

/// A Redis server for tests.
struct RedisServer: Sendable {
    let port: Int
    var tls: RedisTLS?

    func options(_ change: (inout RedisOptions) -> Void = { _ in }) -> RedisOptions {
        var options = RedisOptions(port: port, tls: tls, poolSize: 4, prefix: "test-\(UUID()):")
        // Tests share two cores.
        options.connectTimeout = .seconds(20)
        options.commandTimeout = .seconds(30)
        options.maximumWait = .seconds(30)
        change(&options)
        return options
    }

    /// The server that all tests share; their prefixes separate them.
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
