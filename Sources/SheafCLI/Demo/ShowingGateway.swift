import SheafCore
import SheafGateway

/// Sends notifications to a gateway, and shows the delivered ones on the terminal.
struct ShowingGateway: Gateway {
    let base: any Gateway
    private let console = ConsoleGateway()

    init(_ base: any Gateway) { self.base = base }

    func send(_ notification: UserNotification, type: String) async -> GatewayOutcome {
        let outcome = await base.send(notification, type: type)
        if case .delivered = outcome { _ = await console.send(notification, type: type) }
        return outcome
    }
}
