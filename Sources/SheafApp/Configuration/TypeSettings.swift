public import SheafCore

/// What is configured for one event type; what is `nil` stays as the type has it.
public struct TypeSettings: Hashable, Sendable {
    public enum Delivery: String, Hashable, Sendable, CaseIterable {
        case immediate, debounced
    }

    public var delivery: Delivery?
    public var window: Duration?
    public var mode: WindowPolicy.Mode?
    public var maxWait: Duration?
    public var maxEvents: Int?

    public init(
        delivery: Delivery? = nil, window: Duration? = nil, mode: WindowPolicy.Mode? = nil, maxWait: Duration? = nil,
        maxEvents: Int? = nil
    ) {
        self.delivery = delivery
        self.window = window
        self.mode = mode
        self.maxWait = maxWait
        self.maxEvents = maxEvents
    }

    /// The policy of a type whose own is `own`, under these settings.
    public func policy(over own: DeliveryPolicy) -> DeliveryPolicy {
        // A window of one's own goes before a time of day.
        if delivery == nil, mode == nil, window == nil, maxWait == nil, case .scheduled(let schedule) = own {
            return .scheduled(schedule.with(maxEvents: maxEvents))
        }
        return switch delivery ?? (own == .immediate ? .immediate : .debounced) {
        case .immediate: .immediate
        case .debounced: .debounced(window(over: own))
        }
    }

    /// The window policy that results if the type is debounced and its own policy is `own`.
    func window(over own: DeliveryPolicy) -> WindowPolicy {
        let own = own.window ?? WindowPolicy()
        return WindowPolicy(
            mode: mode ?? own.mode, length: window ?? own.length, maxWait: maxWait ?? own.maxWait,
            maxEvents: maxEvents ?? own.maxEvents)
    }
}

extension DeliveryPolicy {
    /// `nil` if it has none of a certain length.
    fileprivate var window: WindowPolicy? {
        if case .debounced(let window) = self { window } else { nil }
    }
}
