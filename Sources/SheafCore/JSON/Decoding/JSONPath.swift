/// The steps from the whole document to a value in it, the last one first: they are read only for complaints.
final class JSONPath {
    private let outer: JSONPath?
    private let key: any CodingKey

    init(_ key: some CodingKey, in outer: JSONPath?) {
        self.key = key
        self.outer = outer
    }

    /// The steps in their order; none for the whole document.
    static func keys(_ path: JSONPath?) -> [any CodingKey] {
        var keys: [any CodingKey] = []
        var path = path
        while let step = path {
            keys.append(step.key)
            path = step.outer
        }
        keys.reverse()
        return keys
    }
}
