import FoundationEssentials
public import Logging
import SheafCore
import Synchronization

/// Makes Sheaf's log lines the backend of swift-log.
public enum LoggingSetup {
    private static let isDone = Atomic(false)

    /// Makes every logger of the process write lines to standard error. Only the first call in a process has an effect.
    /// - Parameters:
    ///   - level: the least severe level that is written.
    ///   - metadataProvider: adds metadata of the running task to each line.
    /// - Returns: whether this call was the first.
    @discardableResult
    public static func bootstrap(
        level: Logger.Level, format: LogFormat, metadataProvider: Logger.MetadataProvider? = nil
    ) -> Bool {
        guard isDone.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            return false
        }
        LoggingSystem.bootstrap(
            { label, provider in
                LineLogHandler(
                    label: label, level: level, format: format, sink: FileDescriptorSink.standardError,
                    metadataProvider: provider, now: { wallClock })
            }, metadataProvider: metadataProvider)
        return true
    }

    private static var wallClock: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
