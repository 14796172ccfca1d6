/// What a process does; several processes may share the work.
public enum Role: String, Hashable, Sendable, CaseIterable {
    /// The API, the closing of windows, the sweeper and the relay.
    case service
    /// Takes events from the business topics of Kafka.
    case databus
    /// Handles the queue's messages: lets events wait in windows, sends notifications.
    case qaas
}

extension Settings {
    /// The roles that this configuration allows.
    public var configuredRoles: Set<Role> {
        databus.url == nil ? [.service, .qaas] : [.service, .qaas, .databus]
    }
}
