/// A notification as the gateway receives it.
public struct SandboxNotification: Codable, Hashable, Sendable {
    public let id: String
    public let recipientID: Int64
    public let type: String
    public let listTitle: String
    public let listDescription: String
    public let fullTitle: String
    public let fullText: String
    public let eventCount: Int
    public let createdAt: String

    enum CodingKeys: String, CodingKey {
        case id, type
        case recipientID = "recipient_id"
        case listTitle = "list_title"
        case listDescription = "list_description"
        case fullTitle = "full_title"
        case fullText = "full_text"
        case eventCount = "event_count"
        case createdAt = "created_at"
    }
}
