public import SheafCore

/// The database (`store.url`).
public enum StoreURL: Hashable, Sendable {
    case sqlite(path: String)
    case postgres(PostgresURL)
}

/// Where open windows are kept (`debouncer.url`).
public enum DebouncerURL: Hashable, Sendable {
    /// In the store's database.
    case store
    case redis(RedisURL)
}

/// What carries messages from the outbox to the handlers (`queue.url`).
public enum QueueURL: Hashable, Sendable {
    /// The outbox itself.
    case store
    case kafka(KafkaURL)
}

/// Who reaches people (`gateway.url`).
public enum GatewayURL: Hashable, Sendable {
    /// A line on standard output for each notification.
    case console
    case http(HTTPURL)
}
