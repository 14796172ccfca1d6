import BlockingIO
import CLibPQ
import SheafCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A session with the server over libpq, in pipeline mode: statements without a needed result are sent together with
/// the next statement that needs one. It blocks, and belongs to the thread of one ``PostgresConnection``.
final class PostgresSession {
    private let handle: OpaquePointer
    private let timeout: Duration
    /// The names of prepared statements by their text.
    private var prepared: [String: String] = [:]
    private var numberOfNames = 0
    /// Statements that are sent with the next exchange.
    private var deferred: [PostgresQuery] = []
    private(set) var isBroken = false
    /// A mark that is written into the server's session, which shows whether that session belongs to this one alone.
    private let mark = String(UInt64.random(in: .min ... .max), radix: 36)
    /// Whether statements since ``begin()`` may have changed anything permanently.
    private var mayHaveActed = false
    /// The number of this run of the same work, counted from 1.
    var attempt = 1
    /// How many times something was sent and a response awaited.
    private(set) var roundTrips = 0

    /// The maximum number of statements kept prepared. All of them are in the source code, so it is never reached.
    private static let limitOfPrepared = 500

    /// Connects. Blocks for at most the connect timeout, for each server that is tried.
    init(_ options: PostgresOptions) throws {
        // The server cancels a statement in time; a server that hangs does not.
        timeout = options.statementTimeout + .seconds(5)
        guard let connected = PostgresOptions.connect(options.connecting) else {
            throw PostgresFailure(connection: "libpq has no memory for a connection")
        }
        handle = connected
        guard PQstatus(handle) == CONNECTION_OK else { throw PostgresFailure(to: "connect", handle) }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw PostgresFailure(to: "begin a pipeline", handle)
        }
        try prepare(options)
    }

    deinit { PQfinish(handle) }

    /// The process id of the server's backend for this session.
    var backend: Int32 { PQbackendPID(handle) }

    // MARK: Checks

    /// Applies the session's settings, and checks in a transaction of its own that they are in effect.
    private func prepare(_ options: PostgresOptions) throws {
        let settings = options.settings + [("sheaf.session", mark)]
        _ = try exchange([
            .once(
                """
                SELECT set_config(name, value, false)
                FROM unnest(\(settings.map(\.name)), \(settings.map(\.value))) AS s (name, value)
                """)
        ])
        try check()
    }

    /// Checks that this session is not shared and that its server accepts writes.
    /// - Throws: ``PostgresFailure`` if not; the session is then broken.
    func check() throws {
        let answer = try exchange(
            [
                .once(
                    """
                    SELECT current_setting('transaction_read_only')::boolean,
                        coalesce(current_setting('sheaf.session', true), '')
                    """)
            ], timeout: .seconds(5))[0][0]
        let (isReadOnly, found) = (try answer.boolean(0), try answer.text(1))
        if isReadOnly || found != mark { isBroken = true }
        if found != mark { throw PostgresFailure.pooled }
        if isReadOnly { throw PostgresFailure(sqlState: "25006", table: nil, constraint: nil) }
    }

    /// Begins a piece of work.
    /// - Throws: ``PostgresFailure`` if the connection ended while it was idle.
    func begin() throws {
        mayHaveActed = false
        for _ in 0..<16 {
            guard try wait(Int16(POLLIN), until: .now) else { return }
            // A notice, or the end of the connection.
            guard PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else { throw broken() }
            _ = PQisBusy(handle)
        }
    }

    /// The `failure` of the work since ``begin()``, with the information whether the work can run on another connection
    /// because it changed nothing here.
    func judged(_ failure: PostgresFailure) -> PostgresFailure {
        var failure = failure
        failure.hasDoneNothing = isBroken && failure.isOutage && !mayHaveActed
        return failure
    }

    /// Whether `queries` end with a change that a lost connection does not undo.
    private func act(_ queries: [PostgresQuery]) -> Bool {
        let isTransaction = isInTransaction || queries.first?.sql.hasPrefix("BEGIN") == true
        return isTransaction
            ? queries.last?.sql == "COMMIT" : !queries.allSatisfy { $0.sql.hasPrefix("SELECT") }
    }

    // MARK: Statements

    /// Runs `query` and returns its rows.
    @discardableResult
    func rows(_ query: PostgresQuery) throws -> PostgresRows { try exchange([query])[0] }

    /// Runs `queries` in one round trip and returns the rows of each.
    func exchange(_ queries: [PostgresQuery], timeout: Duration? = nil) throws -> [PostgresRows] {
        let count = deferred.count
        let all = deferred + queries
        deferred = []
        guard !all.isEmpty else { return [] }
        PostgresDatabase.roundTrips.add(statements: all.count)
        roundTrips += 1
        let deadline = ContinuousClock.now + (timeout ?? self.timeout)
        let hadActed = mayHaveActed
        if act(all) { mayHaveActed = true }
        var expected: [Expectation] = []
        for query in all { try send(query, &expected) }
        guard PQpipelineSync(handle) == 1 else { throw broken() }
        try flush(until: deadline)
        do {
            return Array(try receive(expected, until: deadline).dropFirst(count))
        } catch let failure as PostgresFailure where failure.isReadOnly {
            // The server refused it, with everything sent with it.
            mayHaveActed = hadActed
            throw failure
        }
    }

    /// Sends `query` with the next exchange, which throws if `query` fails.
    func later(_ query: PostgresQuery) { deferred.append(query) }

    /// An expected result.
    fileprivate enum Expectation {
        case prepared(sql: String, name: String)
        case rows
    }

    private func send(_ query: PostgresQuery, _ expected: inout [Expectation]) throws {
        let types = query.parameters.map(\.oid)
        let count = Int32(query.parameters.count)
        var name: String?
        if query.isPrepared {
            if let known = prepared[query.sql] {
                name = known
            } else if let sent = expected.lazy.compactMap({ $0.name(of: query.sql) }).first {
                name = sent
            } else if prepared.count < Self.limitOfPrepared {
                numberOfNames += 1
                let new = "s\(mark)_\(numberOfNames)"
                guard PQsendPrepare(handle, new, query.sql, count, types) == 1 else { throw broken() }
                expected.append(.prepared(sql: query.sql, name: new))
                name = new
            }
        }
        let isSent = Self.withPointers(to: query.parameters) { values, lengths in
            let formats = [Int32](repeating: 1, count: query.parameters.count)
            return if let name {
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
            } else {
                PQsendQueryParams(handle, query.sql, count, types, values, lengths, formats, 1)
            }
        }
        guard isSent == 1 else { throw broken() }
        expected.append(.rows)
    }

    /// Passes the parameters' bytes to libpq, which copies them before this returns.
    private static func withPointers<Result>(
        to parameters: [PostgresParameter],
        _ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32]) -> Result
    ) -> Result {
        // One buffer for all parameters. Collect offsets first, since the buffer may move while it grows.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parameters.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        var offsets: [Int?] = []
        for parameter in parameters {
            offsets.append(parameter.bytes.map { _ in bytes.count })
            bytes += parameter.bytes ?? []
        }
        // An empty parameter still needs an address, since a null pointer means NULL.
        bytes.append(0)
        return bytes.withUnsafeBytes { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            return body(
                offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } },
                parameters.map { Int32($0.bytes?.count ?? 0) })
        }
    }

    private func receive(_ expected: [Expectation], until deadline: ContinuousClock.Instant) throws -> [PostgresRows] {
        var answers: [PostgresRows] = []
        var failure: PostgresFailure?
        for expectation in expected {
            while let result = try next(until: deadline) {
                switch PQresultStatus(result) {
                case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                    switch expectation {
                    case .rows: answers.append(PostgresRows(result))
                    case .prepared(let sql, let name):
                        prepared[sql] = name
                        PQclear(result)
                    }
                default:
                    // Results after the failure only report that their statements were skipped.
                    failure = failure ?? PostgresFailure(of: result)
                    PQclear(result)
                }
            }
        }
        guard let end = try next(until: deadline) else {
            let lost = broken()
            throw failure ?? lost
        }
        defer { PQclear(end) }
        // After a shutdown error the connection ends a moment later.
        let isEnding = failure?.sqlState?.hasPrefix("57P0") == true
        if PQresultStatus(end) != PGRES_PIPELINE_SYNC || isEnding { isBroken = true }
        if let failure {
            // Another server may accept writes, and another connection may have a session of its own.
            if failure.isReadOnly || failure == .pooled { isBroken = true }
            throw failure
        }
        guard !isBroken, answers.count == expected.count(where: { $0.isRows }) else { throw broken() }
        return answers
    }

    // MARK: Transactions

    /// Runs `body` in a transaction; `BEGIN` is sent with its first statement.
    func inTransaction<Result>(_ body: (PostgresSession) throws -> Result) throws -> Result {
        PostgresDatabase.roundTrips.addTransaction()
        deferred = ["BEGIN ISOLATION LEVEL READ COMMITTED"]
        do {
            let result = try body(self)
            try commit([])
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    /// Ends the transaction in the same round trip as `queries`, and returns their rows. No statement may follow.
    @discardableResult
    func commit(_ queries: [PostgresQuery]) throws -> [PostgresRows] {
        guard isInTransaction || !deferred.isEmpty else { return [] }
        let answers = try exchange(queries + ["COMMIT"])
        guard answers.last?.command == "COMMIT" else {
            throw PostgresFailure(sqlState: "25P02", table: nil, constraint: nil)
        }
        return answers.dropLast()
    }

    private func rollBack() {
        deferred = []
        guard !isBroken, isInTransaction else { return }
        // Throw the original failure, not that of the rollback.
        do { try rows("ROLLBACK") } catch { isBroken = true }
    }

    private var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    // MARK: Notifications

    /// The notifications on the channels listened to; waits for them for at most `timeout`.
    func notifications(atMost timeout: Duration) throws -> [String] {
        var payloads = take()
        guard payloads.isEmpty else { return payloads }
        if try wait(Int16(POLLIN), until: .now + timeout) {
            guard PQconsumeInput(handle) == 1 else { throw broken() }
        }
        payloads = take()
        guard PQstatus(handle) == CONNECTION_OK else { throw broken() }
        return payloads
    }

    private func take() -> [String] {
        var payloads: [String] = []
        while let notification = PQnotifies(handle) {
            if let text = notification.pointee.extra { payloads.append(String(cString: text)) }
            PQfreemem(notification)
        }
        return payloads
    }

    // MARK: The socket

    private func flush(until deadline: ContinuousClock.Instant) throws {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1:
                // The server may send before it reads on.
                guard try wait(Int16(POLLIN | POLLOUT), until: deadline) else { throw overdue() }
                guard PQconsumeInput(handle) == 1 else { throw broken() }
            default: throw broken()
            }
        }
    }

    private func next(until deadline: ContinuousClock.Instant) throws -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            guard try wait(Int16(POLLIN), until: deadline) else { throw overdue() }
            // The next result reports that the connection ended.
            if PQconsumeInput(handle) != 1 { break }
        }
        return PQgetResult(handle)
    }

    /// - Returns: whether the socket became ready in time.
    private func wait(_ events: Int16, until deadline: ContinuousClock.Instant) throws -> Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        guard descriptor.fd >= 0 else { throw broken() }
        while true {
            let rest = max(0, (deadline - .now).microseconds / 1000)
            let ready = poll(&descriptor, 1, Int32(clamping: rest))
            if ready > 0 { return true }
            if ready == 0 && ContinuousClock.now >= deadline { return false }
            if ready < 0 && errno != EINTR { throw broken() }
        }
    }

    // MARK: Failures

    private func overdue() -> PostgresFailure {
        isBroken = true
        // Work that has waited this long must not wait again.
        mayHaveActed = true
        return PostgresFailure(connection: "PostgreSQL did not answer in time")
    }

    private func broken() -> PostgresFailure {
        isBroken = true
        return PostgresFailure(connection: "the connection to PostgreSQL was lost")
    }
}

extension PostgresSession.Expectation {
    fileprivate var isRows: Bool { if case .rows = self { true } else { false } }

    fileprivate func name(of text: String) -> String? {
        if case .prepared(let sql, let name) = self, sql == text { name } else { nil }
    }
}
