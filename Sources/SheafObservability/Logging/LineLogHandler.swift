import Logging
import SheafCore

/// Writes log events as lines. It is a value, as swift-log requires: changes to one logger do not affect others.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let sink: any LogSink
    private let now: @Sendable () -> Timestamp

    init(
        label: String, level: Logger.Level, format: LogFormat, sink: any LogSink,
        metadataProvider: Logger.MetadataProvider? = nil, now: @escaping @Sendable () -> Timestamp
    ) {
        self.label = label
        logLevel = level
        self.format = format
        self.sink = sink
        self.metadataProvider = metadataProvider
        self.now = now
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let record = LogRecord(
            time: now(), level: event.level, logger: label, message: event.message.description,
            fields: fields(of: event))
        sink.emit(format.line(record))
    }

    /// The handler's metadata, then the provider's, then the event's; later ones override earlier ones.
    private func fields(of event: LogEvent) -> Logger.Metadata {
        var fields = metadata
        for more in [metadataProvider?.get(), event.metadata].compactMap(\.self) {
            fields.merge(more) { $1 }
        }
        if let error = event.error {
            fields["error.message"] = "\(error)"
            fields["error.type"] = "\(String(reflecting: type(of: error)))"
        }
        return fields
    }
}
