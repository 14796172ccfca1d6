public import AsyncHTTPClient
public import ServiceCalls
public import SheafCore

/// The sales service over HTTP: `GET {url}/v1/sales/{sale_id}/items?ids=…`.
public struct HTTPSalesService: SalesService {
    private let service: BatchLookupClient

    public init(
        url: HTTPURL, client: HTTPClient, options: ServiceOptions = ServiceOptions(), time: any TimeSource
    ) {
        service = BatchLookupClient(name: "sales", url: url, client: client, options: options, time: time)
    }

    public func bannedItems(among items: [Int64], in sale: Int64) async throws -> Set<Int64> {
        let answers = try await service.get(Answer.self, from: "/v1/sales/\(sale)/items", ids: items)
        let banned = answers.flatMap(\.items).filter { $0.status == "banned" }.map(\.id)
        return Set(items).intersection(banned)
    }

    private struct Answer: Decodable, Sendable {
        struct Item: Decodable, Sendable {
            let id: Int64
            /// `active`, `banned`, or a value of a later version.
            let status: String?
        }
        let items: [Item]
    }
}
