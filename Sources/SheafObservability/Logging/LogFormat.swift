/// The format of log lines.
public enum LogFormat: String, Hashable, Sendable, CaseIterable {
    /// For people: `2026-11-23T09:00:00.000Z INFO  label: message key=value`.
    case text
    /// For machines: one object a line, with `time`, `level`, `logger`, `message`, and the metadata in `fields`.
    case json

    /// A record as one line with its line end; nothing in the record can begin another line.
    func line(_ record: LogRecord) -> String {
        switch self {
        case .text: LogText.line(record)
        case .json: LogJSON.line(record)
        }
    }
}
