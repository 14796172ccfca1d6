public import SheafCore

extension DebounceEntry {
    /// An event with a short payload.
    public init(event: EventID, key: WindowKey, policy: WindowPolicy) {
        self.init(event: event, bytes: 50, key: key, policy: policy)
    }
}
