/// The names of an object seen so far: a few are compared one by one, many are hashed.
struct JSONNames {
    private var few: [JSONName] = []
    private var many: Set<JSONName> = []

    /// Whether `name` is new.
    mutating func insert(_ name: String) -> Bool {
        let name = JSONName(text: name)
        guard few.count >= 12 else {
            guard !few.contains(name) else { return false }
            few.append(name)
            return true
        }
        if many.isEmpty { many.formUnion(few) }
        return many.insert(name).inserted
    }
}
