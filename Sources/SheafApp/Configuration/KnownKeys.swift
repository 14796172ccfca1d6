internal import SheafCore

/// The keys of all settings, recorded while the settings are read.
struct KnownKeys: Sendable {
    private(set) var keys: [String] = []
    private var set: Set<String> = []
    /// The names of the event types.
    var types: [String]

    init(types: [String]) { self.types = types }

    mutating func insert(_ key: String) {
        if set.insert(key).inserted { keys.append(key) }
    }

    func contains(_ key: String) -> Bool { set.contains(key) }

    /// Whether there are keys under `key`.
    func isSection(_ key: String) -> Bool {
        key == "types" || key == "kafka.options" || keys.contains { $0.hasPrefix(key + ".") }
    }

    /// The setting that `key` treats as a section.
    func leaf(above key: String) -> String? { keys.first { key.hasPrefix($0 + ".") } }

    /// The key that the user probably meant.
    func nearest(to key: String) -> String? {
        if let near = key.nearest(among: keys) { return near }
        let ends = keys.filter { $0.hasSuffix("." + key) }
        return ends.count == 1 ? ends.first : nil
    }
}
