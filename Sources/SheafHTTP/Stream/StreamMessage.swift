import NIOCore
import SheafCore
import SheafEngine

/// A message of a stream, in the HTML standard's format for server-sent events.
enum StreamMessage {
    /// A comment, which shows that the stream is alive.
    static let heartbeat = ByteBuffer(string: ":\n\n")

    static func statistics(_ document: StatisticsDocument) throws -> ByteBuffer {
        try message("event: stats\n", document)
    }

    static func notification(_ id: NotificationID, _ document: NotificationDocument) throws -> ByteBuffer {
        try message("id: \(id)\nevent: notification\n", document)
    }

    /// Says that at least `count` notifications were composed and left out.
    static func gap(_ count: Int) -> ByteBuffer {
        ByteBuffer(string: "event: gap\ndata: {\"left_out\":\(count)}\n\n")
    }

    /// The encoder writes no line breaks, so the document fits into one line of data.
    private static func message(_ head: String, _ document: some Encodable) throws -> ByteBuffer {
        var buffer = ByteBuffer(string: head + "data: ")
        buffer.writeBytes(try DocumentEncoder().encode(document))
        buffer.writeStaticString("\n\n")
        return buffer
    }
}
