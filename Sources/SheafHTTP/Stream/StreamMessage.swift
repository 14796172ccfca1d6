import NIOCore
import SheafCore
import SheafEngine

/// A message of a stream, as the HTML standard writes server-sent events.
enum StreamMessage {
    /// A comment, which tells that the stream is alive.
    static let heartbeat = ByteBuffer(string: ":\n\n")

    static func statistics(_ document: StatisticsDocument) throws -> ByteBuffer {
        try message("event: stats\n", document)
    }

    static func notification(_ id: NotificationID, _ document: NotificationDocument) throws -> ByteBuffer {
        try message("id: \(id)\nevent: notification\n", document)
    }

    /// Tells that `count` notifications, at least, were composed and are not told of.
    static func gap(_ count: Int) -> ByteBuffer {
        ByteBuffer(string: "event: gap\ndata: {\"left_out\":\(count)}\n\n")
    }

    /// The encoder writes no line breaks, so one line of data holds the document.
    private static func message(_ head: String, _ document: some Encodable) throws -> ByteBuffer {
        var buffer = ByteBuffer(string: head + "data: ")
        buffer.writeBytes(try DocumentEncoder().encode(document))
        buffer.writeStaticString("\n\n")
        return buffer
    }
}
