import SheafCore

/// A gateway that erases the recipient during a request.
struct ErasingGateway: Gateway {
    private let store: any EventStore
    private let outcome: GatewayOutcome

    init(_ store: any EventStore, outcome: GatewayOutcome) {
        self.store = store
        self.outcome = outcome
    }

    func send(_ notification: UserNotification, type _: String) async -> GatewayOutcome {
        _ = try? await store.transaction("erase") { try $0.erase(recipient: notification.recipient, limit: 1000) }
        return outcome
    }
}
