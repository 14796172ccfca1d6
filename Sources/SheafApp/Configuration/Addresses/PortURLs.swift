public import SheafCore

/// The database (`store.url`).
public enum StoreURL: Hashable, Sendable {
    case sqlite(path: String)
    case postgres(PostgresURL)
}

/// Where open windows live (`debouncer.url`).
public enum DebouncerURL: Hashable, Sendable {
    /// In the store's database.
    case store
    case redis(RedisURL)
}

/// The queue from the outbox to the handlers (`queue.url`).
public enum QueueURL: Hashable, Sendable {
    /// The outbox itself.
    case store
    case kafka(KafkaURL)
}

/// The gateway that delivers notifications (`gateway.url`).
public enum GatewayURL: Hashable, Sendable {
    /// Prints each notification as a line on standard output.
    case console
    case http(HTTPURL)
}
