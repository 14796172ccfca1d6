import Logging
import SheafCore
import Synchronization

@testable import SheafObservability

/// Records the lines that loggers write.
final class LogLines: LogSink {
    static let time = Timestamp(milliseconds: 1_795_424_400_007)
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func emit(_ line: String) { lines.withLock { $0.append(line) } }

    func logger(
        _ label: String = "sheaf.test", level: Logger.Level = .info, format: LogFormat = .text,
        metadataProvider: Logger.MetadataProvider? = nil
    ) -> Logger {
        Logger(label: label) { label in
            LineLogHandler(
                label: label, level: level, format: format, sink: self, metadataProvider: metadataProvider,
                now: { Self.time })
        }
    }
}
