import Logging
import Synchronization

/// Keeps which windows are logged.
final class WindowLog: LogHandler, Sendable {
    private let log = Mutex<[String]>([])

    var windows: [String] { log.withLock(\.self) }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        if let window = event.metadata?["window"] { log.withLock { $0.append("\(window)") } }
    }
}
