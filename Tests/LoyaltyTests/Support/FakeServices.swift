import Loyalty
import SheafCore
import Synchronization

/// A sales service that bans given items, and records its requests.
final class FakeSales: SalesService {
    struct Question: Hashable {
        let sale: Int64
        let items: [Int64]
    }

    private let banned: [Int64: Set<Int64>]
    private let asked = Mutex<[Question]>([])

    /// - Parameter banned: items by sale.
    init(banned: [Int64: Set<Int64>]) { self.banned = banned }

    var questions: [Question] { asked.withLock { $0 } }

    func bannedItems(among items: [Int64], in sale: Int64) async -> Set<Int64> {
        asked.withLock { $0.append(Question(sale: sale, items: items)) }
        return banned[sale, default: []]
    }
}

/// An items service that knows some titles, and records its requests.
final class FakeItems: ItemsService {
    private let known: [Int64: String]
    private let asked = Mutex<[[Int64]]>([])

    init(_ known: [Int64: String]) { self.known = known }

    var questions: [[Int64]] { asked.withLock { $0 } }

    func titles(of items: [Int64]) async -> [Int64: String] {
        asked.withLock { $0.append(items) }
        return known
    }
}

/// Services that are unavailable.
struct FailingServices: SalesService, ItemsService {
    func bannedItems(among items: [Int64], in sale: Int64) throws -> Set<Int64> {
        throw SheafError(.upstream, "the sales service answered 503")
    }

    func titles(of items: [Int64]) throws -> [Int64: String] {
        throw SheafError(.upstream, "the items service answered 503")
    }
}
