public import SheafCore

/// Prints each notification as one line: `42 sale_item_changed: Title — description (×21)`.
public struct ConsoleGateway: Gateway {
    /// Writes one line, given without its line end.
    public typealias LineWriter = @Sendable (_ line: String) async throws -> Void

    private let write: LineWriter

    /// - Parameter write: writes lines; called by several tasks at once.
    public init(write: @escaping LineWriter = { try await StandardOutput.shared.write(line: $0) }) {
        self.write = write
    }

    public func send(_ notification: UserNotification, type: String) async -> GatewayOutcome {
        let content = notification.content
        let words = "\(content.listTitle) — \(content.listDescription)"
        do {
            try await write("\(notification.recipient) \(type): \(Self.plain(words)) (×\(notification.eventCount))")
            return .delivered(httpStatus: nil)
        } catch {
            return .failed(httpStatus: nil, error: "cannot write to the console", after: nil)
        }
    }

    /// The text on one line, without control sequences for terminals.
    static func plain(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
