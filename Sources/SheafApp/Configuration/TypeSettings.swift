public import SheafCore

/// The configuration of one event type; values that are `nil` do not change the type's own.
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

    init(reading reader: inout SettingsReader, of name: String) {
        delivery = reader.read("types.\(name).delivery", as: .choice)
        window = reader.read("types.\(name).window", as: .duration(atLeast: .milliseconds(1)))
        mode = reader.read("types.\(name).mode", as: .choice)
        maxWait = reader.read("types.\(name).max_wait", as: .duration(atLeast: .milliseconds(1)))
        maxEvents = reader.read("types.\(name).max_events", as: .wholeNumber(in: 1...Int.max))
    }

    /// The last parts of a type's keys.
    static let members: [String] = {
        var reader = SettingsReader(sources: [], types: [])
        _ = TypeSettings(reading: &reader, of: "NAME")
        return reader.known.keys.map { String($0.dropFirst("types.NAME.".count)) }
    }()

    /// The policy of a type with its own policy `own`, under these settings.
    public func policy(over own: DeliveryPolicy) -> DeliveryPolicy {
        // A configured window takes precedence over a time of day.
        if delivery == nil, mode == nil, window == nil, maxWait == nil, case .scheduled(let schedule) = own {
            return .scheduled(schedule.with(maxEvents: maxEvents))
        }
        return switch delivery ?? (own == .immediate ? .immediate : .debounced) {
        case .immediate: .immediate
        case .debounced: .debounced(window(over: own))
        }
    }

    /// The resulting window policy if the type is debounced and its own policy is `own`.
    func window(over own: DeliveryPolicy) -> WindowPolicy {
        let own = own.window ?? WindowPolicy()
        return WindowPolicy(
            mode: mode ?? own.mode, length: window ?? own.length, maxWait: maxWait ?? own.maxWait,
            maxEvents: maxEvents ?? own.maxEvents)
    }
}

extension DeliveryPolicy {
    /// `nil` if its window has no fixed length.
    fileprivate var window: WindowPolicy? {
        if case .debounced(let window) = self { window } else { nil }
    }
}
