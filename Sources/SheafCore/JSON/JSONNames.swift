/// The names of an object seen so far: a few are compared one by one, many are hashed.
struct JSONNames {
    private var few: [Name] = []
    private var many: Set<Name> = []

    /// Whether `name` is new.
    mutating func insert(_ name: String) -> Bool {
        let name = Name(text: name)
        guard few.count >= 12 else {
            guard !few.contains(name) else { return false }
            few.append(name)
            return true
        }
        if many.isEmpty { many.formUnion(few) }
        return many.insert(name).inserted
    }

    /// A name that is told from others by its code points (RFC 8259, section 8.3), not by what it looks like. So is its
    /// hash: thousands of names that are canonically the same must not share one.
    private struct Name: Hashable {
        let text: String

        static func == (left: Self, right: Self) -> Bool {
            left.text == right.text && left.text.utf8.elementsEqual(right.text.utf8)
        }

        func hash(into hasher: inout Hasher) {
            _ = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}
