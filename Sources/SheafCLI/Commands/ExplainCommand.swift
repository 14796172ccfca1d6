import ArgumentParser
import Foundation
import Logging
import SheafApp
import SheafCore
import SheafEngine

/// `sheaf explain`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Shows what would happen to an event, and stores nothing.",
        discussion: """
            Reads one event as 'sheaf publish' does. The answer names its window and when that closes, whether it would \
            be a duplicate or suppressed, and the texts that the recipient would read of this event alone. No service \
            is called.
            """,
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The file with the event; standard input if it is left out.", completion: .file())
    var file: String?
    @Flag(help: "Print what the API answers, as JSON.") var json = false

    func run() async throws {
        try await common.run(logging: .warning) { container, _ in
            try container.requireDatabase()
            try await container.migrateStore()
            let (clock, debouncer) = try await (container.clock, container.debouncer)
            let ingest = try await Ingest(
                catalog: container.catalog, store: container.store, windows: debouncer == nil ? .store : .relayed,
                clock: clock, counters: StageCounters(clock: clock))
            let entries = try ingest.reader(source: PublishCommand.source, maximumEvents: 2).json(await input())
            guard let entry = entries.first, entries.count == 1 else {
                throw SheafError(.invalid, "expected one event, got \(entries.isEmpty ? "none" : "several")")
            }
            let document = try await container.operations.explain(
                await ingest.admission(of: entry), by: container.types)
            if json { try CommandResult.write(document: document) } else { CommandResult.write(document.lines) }
        }
    }

    private func input() async throws -> [UInt8] {
        let descriptor = try InputFile.open(file)
        defer { if file != nil { close(descriptor) } }
        var reader = LineReader(descriptor, name: file ?? "standard input")
        var bytes: [UInt8] = []
        while true {
            let lines = try await reader.next()
            if lines.isEmpty { break }
            for line in lines {
                guard let line, bytes.count + line.count <= LineReader.maximumLength else {
                    throw SheafError(.tooLarge, "an event has at most \(LineReader.maximumLength) bytes")
                }
                bytes += line + [UInt8(ascii: "\n")]
            }
        }
        bytes.removeByteOrderMark()
        return bytes
    }
}

// MARK: - Texts

extension ExplanationDocument {
    /// The explanation for people.
    fileprivate var lines: String {
        var lines = ["\(type) for recipient \(event.recipient): \(ending)"]
        if let window { lines.append("window       \(window)\(state)") }
        if let closesAt { lines.append("closes       \(closesAt)") }
        if let retracts {
            lines.append("takes back   live events of \(retracts) with the same \(retractedBy.joined(separator: ", "))")
        }
        let said = recipient.isDescribed ? "as was said of the recipient" : "by the configuration"
        lines.append("recipient    \(recipient.effective.locale ?? ""), \(recipient.effective.timeZone ?? ""), \(said)")
        if let notification {
            switch notification.preview.composition {
            case .suppressed(let reason): lines.append("texts        none: suppressed, \(reason)")
            case .notification(let content):
                lines.append("language     \(notification.locale)")
                lines += content.named.map { name, text in
                    name.padding(toLength: 18, withPad: " ", startingAt: 0)
                        + text.replacing("\n", with: "\n" + String(repeating: " ", count: 18))
                }
            }
        }
        return (lines + notes.map { "note: \($0)" }).joined(separator: "\n")
    }

    private var ending: String {
        switch outcome {
        case "duplicate": "its producer's id is known already, so it would be a duplicate"
        case "suppressed":
            (retracts.map { "it would take back events of \($0), and" } ?? "it would")
                + " end suppressed, \(reason ?? "")"
        case "sent_at_once": "it would be sent at once"
        case "leads": "it would be sent at once, and open a window for those that follow"
        case "opens_window": "it would open a window"
        default: "it would join an open window"
        }
    }

    private var state: String {
        open.map { ", open since \($0.openedAt) with \($0.events) event\($0.events == 1 ? "" : "s")" } ?? ", not open"
    }
}

extension NotificationContent {
    /// The texts that are not empty, by their names in the API.
    fileprivate var named: [(name: String, text: String)] {
        [
            ("list_title", listTitle), ("list_description", listDescription), ("full_title", fullTitle),
            ("full_text", fullText), ("url", url ?? ""),
        ].filter { !$0.1.isEmpty }
    }
}
