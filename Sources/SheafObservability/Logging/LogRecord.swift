import Logging
import SheafCore

/// The content of a log line.
struct LogRecord: Sendable {
    var time: Timestamp
    var level: Logger.Level
    var logger: String
    var message: String
    var fields: Logger.Metadata

    /// The fields sorted by name, so that lines are uniform.
    var sortedFields: [(key: String, value: Logger.MetadataValue)] { fields.sorted { $0.key < $1.key } }
}
