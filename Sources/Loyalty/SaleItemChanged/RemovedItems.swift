/// What a notification of removed items speaks of.
struct RemovedItems: Hashable, Sendable {
    /// The number of different items, at least one.
    let count: Int
    /// The number of sales they left.
    let sales: Int
    /// All of them by name, or none where they are too many to be named.
    let named: [NamedItem]

    var isOne: Bool { count == 1 }
    /// The title of the item, if it is the only one and has one.
    var onlyTitle: String? { isOne ? named.first?.title : nil }
}

/// An item as it is spoken of: by its title where it has one, else by its number.
struct NamedItem: Hashable, Sendable {
    let id: Int64
    let title: String?

    init(id: Int64, title: String?) {
        self.id = id
        self.title = title.flatMap { $0.asLine(limit: 100) }
    }
}
