import CLibPQ
import Foundation
import Logging
import SheafCore
import SheafKafka
import SheafPostgres
import SheafRedis

/// The servers that scripts/with-servers.py started.
enum Servers {
    static let logger = {
        var logger = Logger(label: "sheaf.bench")
        logger.logLevel = .critical
        return logger
    }()

    static var areThere: Bool {
        ["POSTGRES", "REDIS", "KAFKA"].allSatisfy { variable($0) != nil }
    }

    /// A new database, which is removed with the server.
    static func postgres(database: String) throws -> PostgresOptions {
        guard let text = variable("POSTGRES") else { throw missing }
        let connection = PQconnectdb(text)
        defer { PQfinish(connection) }
        PQclear(PQexec(connection, "CREATE DATABASE \(database)"))
        var options = try PostgresOptions(connectionString: text)
        options.parameters["dbname"] = database
        return options
    }

    static func redis(prefix: String) throws -> RedisOptions {
        guard let url = variable("REDIS").flatMap(URLComponents.init(string:)) else { throw missing }
        return RedisOptions(host: url.host ?? "127.0.0.1", port: url.port ?? 6379, prefix: prefix)
    }

    static func kafka(prefix: String) throws -> KafkaOptions {
        guard let text = variable("KAFKA") else { throw missing }
        return KafkaOptions(
            brokers: String(text.dropFirst("kafka://".count)), group: prefix + "group", topicPrefix: prefix,
            options: ["session.timeout.ms": "6000"])
    }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["SHEAF_TEST_\(name)_URL"]
    }

    private static var missing: SheafError {
        SheafError(.unavailable, "the server is not there; run this by scripts/with-servers.py")
    }
}
