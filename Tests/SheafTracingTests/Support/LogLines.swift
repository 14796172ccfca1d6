import Logging
import Synchronization

/// Keeps what is logged, with its error.
final class LogLines: LogHandler, Sendable {
    private let log = Mutex<[String]>([])

    var lines: [String] { log.withLock(\.self) }

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
        let error = event.metadata?["error"].map { ": \($0)" } ?? ""
        log.withLock { $0.append("\(event.message)\(error)") }
    }
}
