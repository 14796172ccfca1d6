/// A role of a process; several processes may share a role's work.
public enum Role: String, Hashable, Sendable, CaseIterable {
    /// The API, the rescuer, the pruner, the relay, and digesting windows where they live.
    case service
    /// Reads events from the business topics of Kafka.
    case databus
    /// Digests the store's windows and handles the queue's messages: puts relayed events into windows, sends notifications.
    case qaas
}

extension Settings {
    /// The roles that this configuration allows.
    public var configuredRoles: Set<Role> {
        databus.url == nil ? [.service, .qaas] : [.service, .qaas, .databus]
    }
}
