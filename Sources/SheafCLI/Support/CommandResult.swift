import SheafEngine
import SheafGateway

/// Writes a command's result to standard output.
enum CommandResult {
    /// If the reader is gone (`sheaf doctor | head -1`), the error is ignored.
    static func write(_ text: String) { try? StandardOutput.shared.writeBlocking(line: text) }

    /// Writes a document of the API, formatted for people.
    static func write(document: some Encodable) throws {
        write(String(decoding: try DocumentEncoder(isPretty: true).encode(document), as: UTF8.self))
    }
}
