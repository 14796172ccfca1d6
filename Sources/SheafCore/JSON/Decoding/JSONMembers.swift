/// The members of one object, found by their names.
struct JSONMembers {
    /// So many are looked through one by one, more are hashed: the time must not grow with the square of their number.
    private static let few = 32

    let document: JSONDocument
    private let range: Range<Int>
    /// Where the values of many members stand.
    private let many: [JSONName: Int]

    /// - Parameter range: the tokens of the names and values.
    init(of document: JSONDocument, in range: Range<Int>) {
        self.document = document
        self.range = range
        // Each has two tokens at least.
        many = range.count <= 2 * Self.few ? [:] : Self.hashed(document, range)
    }

    private static func hashed(_ document: JSONDocument, _ range: Range<Int>) -> [JSONName: Int] {
        var result: [JSONName: Int] = [:]
        var index = range.lowerBound
        while index < range.upperBound {
            // The first of a name counts, as where they are looked through; the intake takes none twice.
            let name = JSONName(text: document.string(at: index) ?? "")
            if result[name] == nil { result[name] = index + 1 }
            index = document.next(after: index + 1)
        }
        return result
    }

    /// The index of the value that goes by `name`.
    func value(of name: String) -> Int? {
        guard many.isEmpty else { return many[JSONName(text: name)] }
        var index = range.lowerBound
        while index < range.upperBound {
            if document.isName(at: index, name) { return index + 1 }
            index = document.next(after: index + 1)
        }
        return nil
    }

    /// All names in the order they stand.
    var names: [String] {
        var result: [String] = []
        var index = range.lowerBound
        while index < range.upperBound {
            if let name = document.string(at: index) { result.append(name) }
            index = document.next(after: index + 1)
        }
        return result
    }
}
