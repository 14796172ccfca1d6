public import AsyncHTTPClient
public import ServiceCalls
public import SheafCore

/// The items service over HTTP: `GET {url}/v1/items?ids=…`.
public struct HTTPItemsService: ItemsService {
    private let service: BatchLookupClient

    public init(
        url: HTTPURL, client: HTTPClient, options: ServiceOptions = ServiceOptions(), time: any TimeSource
    ) {
        service = BatchLookupClient(name: "items", url: url, client: client, options: options, time: time)
    }

    public func titles(of items: [Int64]) async throws -> [Int64: String] {
        let asked = Set(items)
        let answers = try await service.get(Answer.self, from: "/v1/items", ids: items)
        return answers.flatMap(\.items).reduce(into: [:]) { titles, item in
            if asked.contains(item.id) { titles[item.id] = item.title }
        }
    }

    private struct Answer: Decodable, Sendable {
        struct Item: Decodable, Sendable {
            let id: Int64
            let title: String?
        }
        let items: [Item]
    }
}
