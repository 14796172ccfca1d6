import Hummingbird

/// The sales and items services.
enum Marketplace {
    /// The maximum ids of one request.
    private static let mostIDs = 100

    static func addRoutes(to router: RouterGroup<BasicRequestContext>) {
        router.get("v1/sales/:sale/items") { request, context in
            guard context.parameters.get("sale", as: Int64.self) != nil else {
                throw SandboxRefusal.invalid("sale_id", "is not a whole number of 64 bits")
            }
            let ids = try ids(of: request)
            return SalesAnswer(items: ids.map { .init(id: $0, status: SandboxItem(id: $0).status) })
        }
        router.get("v1/items") { request, _ in
            let ids = try ids(of: request)
            return ItemsAnswer(items: ids.map { .init(id: $0, title: SandboxItem(id: $0).title) })
        }
    }

    private static func ids(of request: Request) throws -> [Int64] {
        guard let text = request.uri.queryParameters.get("ids") else {
            throw SandboxRefusal.invalid("ids", "is missing")
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= mostIDs else { throw SandboxRefusal.invalid("ids", "has more than \(mostIDs) ids") }
        let ids = parts.compactMap { Int64($0) }
        guard ids.count == parts.count else {
            throw SandboxRefusal.invalid("ids", "has a value that is not a 64-bit integer")
        }
        return ids
    }

    private struct SalesAnswer: ResponseEncodable {
        struct Item: Encodable {
            let id: Int64
            let status: String
        }
        let items: [Item]
    }

    private struct ItemsAnswer: ResponseEncodable {
        struct Item: Encodable {
            let id: Int64
            let title: String
        }
        let items: [Item]
    }
}
