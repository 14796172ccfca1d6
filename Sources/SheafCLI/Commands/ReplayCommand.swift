import ArgumentParser
import Logging
import SheafApp
import SheafCore
import SheafEngine

/// `sheaf replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Composes notifications again from stored events, and sends them.",
        discussion: """
            The events accepted in the period are divided into windows by the configuration as it is now, each as if \
            it came at the moment it was accepted, and written again. Each window becomes a new notification with an \
            identifier of its own, which a running service sends; the events stay what they were, and their history \
            shows it. Running the same command again sends nothing twice, and goes on where it was interrupted. \
            Events that still wait, and dead ones (see 'sheaf dead-letters redrive'), are left out. A window that \
            reaches beyond the period is composed of its part in the period.

            With --dry-run nothing is written and nothing sent: what would differ from what was sent is printed, a \
            window a line, then a summary. The sales and items services, and those of enrich hooks, are asked in both.
            """,
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Option(help: "Events accepted at this moment (RFC 3339) or later.", transform: moment(_:)) var since: Timestamp
    @Option(help: "Events accepted before this moment; now if it is left out.", transform: moment(_:))
    var until: Timestamp?
    @Option(help: "Events of this type only.") var type: String?
    @Flag(help: "Print what would differ; write and send nothing.") var dryRun = false

    func validate() throws {
        if let until, until <= since { throw ValidationError("--until must be later than --since.") }
    }

    func run() async throws {
        try await common.run(logging: .warning) { container, _ in
            try container.requireDatabase()
            if dryRun { try await requireStore(container) } else { try await container.migrateStore() }
            let (catalog, clock) = try await (container.catalog.current, container.clock)
            let replay = try await Replay(catalog: catalog, store: container.store, clock: clock)
            let period = Replay.Period(
                since: since, until: until ?? clock.now, type: try code(in: catalog), name: name)
            let result = try await replay.run(period, sends: !dryRun) { difference in
                if dryRun { CommandResult.write(difference.line(catalog)) }
            }
            CommandResult.write(result.summary(isDryRun: dryRun))
            if result.failed > 0 { throw ExitCode.failure }
        }
    }

    private func requireStore(_ container: Container) async throws {
        guard try await container.storeSchema() == .missing else { return }
        throw SheafError(.storage, field: "store.url", "there are no tables yet; 'sheaf migrate' creates them")
    }

    /// The arguments as a name: replays with the same name compose an event only once.
    private var name: String {
        ["since=\(since)", until.map { "until=\($0)" }, type.map { "type=\($0)" }].compactMap(\.self)
            .joined(separator: " ")
    }

    private func code(in catalog: EventCatalog) throws -> EventTypeCode? {
        guard let type else { return nil }
        guard let found = catalog.type(named: type) else {
            throw ValidationError("There is no event type '\(type)'.")
        }
        return found.code
    }
}

private func moment(_ text: String) throws -> Timestamp {
    guard let moment = Timestamp(text) else {
        throw ValidationError("Write a moment as 2026-11-23T09:00:00Z.")
    }
    return moment
}

// MARK: - Texts

extension ReplayDifference {
    fileprivate func line(_ catalog: EventCatalog) -> String {
        let window = "window \(catalog.text(of: key))" + (openedAt.map { " of \($0)" } ?? "")
        let events = "\(events) event\(events == 1 ? "" : "s")"
        let merge = merges.map { "merge of \($0) windows" }
        let split = continues ? "split off another window" : nil
        return "\(window), \(events): " + [merge, split, change?.words].compactMap(\.self).joined(separator: ", ")
    }
}

extension ReplayDifference.Change {
    fileprivate var words: String {
        switch self {
        case .reworded(let former, let content):
            let parts = zip(former.parts, content.parts).filter { $0 != $1 }
            return "reworded: " + parts.map { "\($0.quoted) is now \($1.quoted)" }.joined(separator: "; ")
        case .notified(let content): return "notified now: \(content.fullTitle.quoted)"
        case .suppressed(let reason): return "suppressed now: \(reason)"
        case .failed: return "cannot be composed"
        }
    }
}

extension NotificationContent {
    fileprivate var parts: [String] { [listTitle, listDescription, fullTitle, fullText] }
}

extension String {
    /// On one line.
    fileprivate var quoted: String { "\"\(split(whereSeparator: \.isNewline).joined(separator: " / "))\"" }
}

extension ReplayResult {
    fileprivate func summary(isDryRun: Bool) -> String {
        let change = notificationsNow - notificationsBefore
        let difference =
            switch change {
            case 0: "as many"
            case ..<0: "\(-change) fewer"
            default: "\(change) more"
            }
        var lines = [
            "events: \(events); left out: \(waiting) waiting, \(dead) given up"
                + (unknown > 0 ? ", \(unknown) of types that are not known any more" : ""),
            "windows: \(windowsBefore) before, \(windowsNow) now; \(merged) merged, \(split) split, \(cut) cut by the period",
            "notifications: \(notificationsBefore) before, \(notificationsNow) now, \(difference); "
                + "\(reworded) reworded, \(suppressedNow) suppressed, \(failed) cannot be composed",
        ]
        lines.append(
            isDryRun ? "nothing was written or sent" : "enqueued \(enqueued), composed before or gone \(passedOver)")
        return lines.joined(separator: "\n")
    }
}
