import SheafObservability

/// A parsed exposition: the value of each sample by its name and labels as written.
struct Exposition {
    let lines: [Substring]
    let samples: [String: String]

    init(_ registry: PrometheusRegistry) {
        lines = registry.exposition().split(separator: "\n")
        let pairs = lines.filter { !$0.hasPrefix("#") }.compactMap { line in
            line.lastIndex(of: " ").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
        }
        // Prometheus would refuse a duplicate sample; here it always fails the test.
        samples = Dictionary(pairs) { "\($0) and \($1)" }
    }

    subscript(_ sample: String) -> String? { samples[sample] }

    /// The samples of a metric.
    func series(_ name: String) -> [String] {
        samples.keys.filter { $0 == name || $0.hasPrefix(name + "{") }.sorted()
    }

    func type(_ name: String) -> String? {
        let prefix = "# TYPE \(name) "
        return lines.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}
