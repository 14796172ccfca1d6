/// The content of a notification about removed items.
struct RemovedItems: Hashable, Sendable {
    /// The number of different items, at least one.
    let count: Int
    /// The number of sales they left.
    let sales: Int
    /// All items with their names, or none if there are too many to list.
    let named: [NamedItem]

    var isOne: Bool { count == 1 }
    /// The title of the item, if it is the only one and has one.
    var onlyTitle: String? { isOne ? named.first?.title : nil }
}

/// An item by its title, or by its number if it has no title.
struct NamedItem: Hashable, Sendable {
    let id: Int64
    let title: String?

    init(id: Int64, title: String?) {
        self.id = id
        self.title = title.flatMap { $0.asLine(limit: 100) }
    }
}
