/// How often anything is retried: every policy of Sheaf's is here, and a test refuses one elsewhere.
///
/// The others are settings of libraries, or rounds that simply come again:
/// - Kafka's clients reconnect after 100 ms to 2 s, for ever (`reconnect.backoff` in `ClientConfiguration`), and send a
///   record again for up to 30 s (`message.timeout.ms`). Topics that are missing are looked for each 30 s.
/// - SQLite waits up to 10 s for a busy file (`SQLiteDatabase`); a log that others still read is emptied in the next second.
/// - What a killed worker held is claimed again when its lease ends: 30 s for windows, 10 s for shards of the outbox.
/// - `Rescuer` looks each 30 s for work that a server lost, and `TypeRegistry` each 2 s for a new revision.
extension RetryPolicy {
    // MARK: On the way of an event

    /// A message whose handler fails, before it is dead-lettered.
    public static let message = RetryPolicy(maxAttempts: 5, base: .milliseconds(100), cap: .seconds(5))

    /// A message about an event whose type this process does not know: another may know it, or this one may later.
    public static let unknownType = RetryPolicy(maxAttempts: .max, base: .seconds(1), cap: .seconds(60))

    /// A window whose service fails, after all attempts of ``service``; the service may ask for up to a minute.
    public static let window = RetryPolicy(maxAttempts: .max, base: .seconds(1), cap: .seconds(60))

    /// A delivery to the gateway, `gateway.max_attempts` times; the gateway may ask for up to a day
    /// (``RetryAfter/longestOfGateway``).
    ///
    /// Within an attempt, a request on an idle connection that the gateway had closed is sent once more.
    public static func delivery(maxAttempts: Int) -> RetryPolicy {
        RetryPolicy(maxAttempts: maxAttempts, base: .seconds(1), cap: .seconds(300))
    }

    // MARK: Calls to servers

    /// A call to a service: sales, items, an `enrich` hook; the service may ask for up to 5 s.
    public static let service = RetryPolicy(maxAttempts: 3, base: .milliseconds(200), cap: .seconds(2))

    /// An export of spans.
    public static let spans = RetryPolicy(maxAttempts: 5, base: .seconds(1), cap: .seconds(30))

    /// A lost connection to PostgreSQL or Redis. Calls meanwhile fail.
    public static let lostConnection = RetryPolicy(maxAttempts: .max, base: .milliseconds(100), cap: .seconds(5))

    /// Work whose connection to PostgreSQL was lost before it changed anything, each time on another connection.
    public static let unbegunWork = RetryPolicy(maxAttempts: 3, base: .zero, cap: .zero)

    /// A transaction in PostgreSQL that lost a race or was the victim of a deadlock.
    public static let lostRace = RetryPolicy(maxAttempts: 8, base: .milliseconds(2), cap: .milliseconds(100))

    // MARK: Processes

    /// A server that is away at the start, for `startup.timeout`.
    public static let startup = RetryPolicy(maxAttempts: .max, base: .milliseconds(200), cap: .seconds(2))

    /// A part of the engine that fails and is started again.
    public static let restart = RetryPolicy(maxAttempts: .max, base: .milliseconds(100), cap: .seconds(30))

    // MARK: Changes that meet another

    /// A retraction of an event that moves to another window meanwhile.
    public static let retraction = RetryPolicy(maxAttempts: 10, base: .zero, cap: .zero)

    /// A set of types, or events that are checked by one, if the types in use change meanwhile.
    public static let typesChange = RetryPolicy(maxAttempts: 5, base: .zero, cap: .zero)
}
