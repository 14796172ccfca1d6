import AsyncHTTPClient
import SheafCore

@testable import SheafGateway

enum Samples {
    static let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

    static func notification(
        title: String = "Исключили 21 товар из распродажи", description: String = "Больше не подходят под условия",
        count: Int = 21, traceParent: String? = nil
    ) -> UserNotification {
        UserNotification(
            id: NotificationID(high: 0x0193_5A00_0000_7001, low: 0x8000_0000_0000_002A), recipient: 42, type: 1,
            content: NotificationContent(
                listTitle: title, listDescription: description, fullTitle: "Заголовок",
                fullText: "Текст с / и \"кавычками\""
            ),
            eventCount: count, createdAt: Timestamp(milliseconds: 1_795_424_400_123), traceParent: traceParent)
    }
}

/// Runs `body` with a client that is shut down afterwards.
func withClient<R>(
    _ configuration: HTTPClient.Configuration = HTTPGateway.clientConfiguration(inFlight: 8),
    _ body: (HTTPClient) async throws -> R
) async throws -> R {
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    do {
        let result = try await body(client)
        try await client.shutdown()
        return result
    } catch {
        try? await client.shutdown()
        throw error
    }
}
