import CLibPQ
import Foundation
import SheafCore
import SheafPostgres

/// The limit that PostgreSQL itself sets: a loop that writes, reads and deletes the rows an event has, 500 events a
/// statement on one connection, and does nothing else.
enum BarePostgres {
    private static let batch = 500

    /// - Returns: events a second.
    static func run(events: Int) throws -> Double {
        let options = try Servers.postgres(database: "sheaf_bare_\(UInt32.random(in: 0 ... .max))")
        let connection = PQconnectdb(
            options.parameters.map { "\($0)='\($1)'" }.joined(separator: " "))
        defer { PQfinish(connection) }
        func run(_ sql: String) throws {
            let result = PQexec(connection, sql)
            defer { PQclear(result) }
            let status = PQresultStatus(result)
            guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
                throw SheafError(.storage, "the bare loop's statement failed")
            }
        }
        try run(
            """
            CREATE TABLE producer (id text PRIMARY KEY, event bigint);
            CREATE TABLE event (id bigint PRIMARY KEY, recipient bigint, payload text, status smallint DEFAULT 0);
            CREATE INDEX event_new ON event (id) WHERE status = 0;
            CREATE TABLE message (id bigint PRIMARY KEY, event bigint);
            CREATE TABLE waiting (window_id bigint, event bigint, PRIMARY KEY (window_id, event));
            CREATE TABLE notification (id bigint PRIMARY KEY, text text, status smallint)
            """)
        let start = ContinuousClock.now
        for first in stride(from: 0, to: events, by: batch) {
            let ids = "generate_series(\(first), \(min(first + batch, events) - 1)) AS id"
            let range = "BETWEEN \(first) AND \(first + batch - 1)"
            try run(
                """
                BEGIN;
                INSERT INTO producer SELECT 'event-' || id, id FROM \(ids);
                INSERT INTO event SELECT id, id / 10, '{"sale_id":1,"item_id":' || id || '}' FROM \(ids);
                INSERT INTO message SELECT id, id FROM \(ids);
                COMMIT
                """)
            try run(
                """
                BEGIN;
                INSERT INTO waiting SELECT id / 10, id FROM \(ids);
                DELETE FROM message WHERE id \(range);
                COMMIT
                """)
            try run("SELECT payload FROM event WHERE id \(range)")
            try run(
                """
                BEGIN;
                UPDATE event SET status = 1 WHERE id \(range) AND status = 0;
                DELETE FROM waiting WHERE window_id BETWEEN \(first / 10) AND \((first + batch) / 10 - 1);
                INSERT INTO notification SELECT id / 10, 'Исключили 10 товаров', 1 FROM \(ids) WHERE id % 10 = 9;
                COMMIT
                """)
        }
        return Double(events) / (ContinuousClock.now - start).seconds
    }
}
