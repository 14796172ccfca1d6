import SheafEngine
import SheafGateway

/// What a command answers, on standard output.
enum CommandResult {
    /// A reader that is gone (`sheaf doctor | head -1`) needs no telling.
    static func write(_ text: String) { try? StandardOutput.shared.writeBlocking(line: text) }

    /// Writes what the API answers, for people.
    static func write(document: some Encodable) throws {
        write(String(decoding: try DocumentEncoder(isPretty: true).encode(document), as: UTF8.self))
    }
}
