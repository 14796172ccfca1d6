public import Logging
import Synchronization

/// Records log events as texts.
public final class RecordingLog: LogHandler, Sendable {
    private let log = Mutex<[String]>([])
    private let text: @Sendable (LogEvent) -> String?

    /// - Parameter text: returns the text to record; `nil` for none.
    public init(_ text: @escaping @Sendable (LogEvent) -> String?) { self.text = text }

    public var texts: [String] { log.withLock(\.self) }

    public var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    public var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    public subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    public func log(event: LogEvent) {
        if let text = text(event) { log.withLock { $0.append(text) } }
    }
}
