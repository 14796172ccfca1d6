import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// The Communications Gateway.
enum Gateway {
    /// The maximum size of a notification, in bytes.
    private static let largestBody = 256 << 10
    private static let longestList = 1000

    /// `POST /v1/notifications`.
    static func addRoutes(to router: RouterGroup<BasicRequestContext>, inbox: SandboxInbox) {
        router.post("v1/notifications") { request, _ in
            do {
                await inbox.take(try await notification(in: request))
                return Receipt(status: "accepted")
            } catch {
                await inbox.reject()
                throw error
            }
        }
    }

    /// `GET /v1/notifications?limit=`, for people who try it out; it has no simulated failures.
    static func addListing(to router: Router<BasicRequestContext>, inbox: SandboxInbox) {
        router.get("v1/notifications") { request, _ in
            let limit = request.uri.queryParameters.get("limit", as: Int.self) ?? 50
            let (counts, items) = await inbox.listing(min(limit, longestList))
            return Listing(
                accepted: counts.accepted, duplicates: counts.duplicates, rejected: counts.rejected, items: items)
        }
    }

    private static func notification(in request: Request) async throws -> SandboxNotification {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name], !key.isEmpty else {
            throw SandboxRefusal.invalid(nil, "the header Idempotency-Key is missing")
        }
        let body = try await request.body.collect(upTo: largestBody)
        let notification: SandboxNotification
        do {
            notification = try JSONDecoder().decode(SandboxNotification.self, from: Data(body.readableBytesView))
        } catch {
            throw refusal(of: error)
        }
        guard notification.id == key else { throw SandboxRefusal.invalid("id", "differs from Idempotency-Key") }
        guard notification.eventCount > 0 else { throw SandboxRefusal.invalid("event_count", "is less than 1") }
        return notification
    }

    private static func refusal(of error: any Error) -> SandboxRefusal {
        switch error {
        case DecodingError.keyNotFound(let key, _): .invalid(key.stringValue, "is missing")
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            .invalid(context.codingPath.last?.stringValue, "does not match a notification")
        default: .invalid(nil, "is not a notification")
        }
    }

    private struct Receipt: ResponseEncodable {
        let status: String
    }

    private struct Listing: ResponseEncodable {
        let accepted: Int
        let duplicates: Int
        let rejected: Int
        let items: [SandboxNotification]
    }
}
