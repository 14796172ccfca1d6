import ArgumentParser
import Foundation
import Logging
import SheafApp
import SheafCore
import SheafEngine

/// `sheaf publish`.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Reads events, one JSON object a line, into the store.",
        discussion: """
            A running service takes them from there. Rejected lines go to standard error. SIGTERM and SIGINT end the \
            reading; what was read is stored, and the same input may be published again, since events are known by \
            their ids.
            """,
        version: Version.current)

    /// The source of the events; producer ids are unique within it.
    static let source = "file"

    @OptionGroup var common: CommonOptions
    @Argument(help: "The file; standard input if it is left out.", completion: .file()) var file: String?

    func run() async throws {
        try await common.run(logging: .warning) { container, _ in
            let descriptor = try InputFile.open(file)
            defer { if file != nil { close(descriptor) } }
            try await container.migrateStore()
            let clock = try await container.clock
            let ingest = try await Ingest(
                catalog: container.catalog, store: container.store, clock: clock,
                counters: StageCounters(clock: clock))
            var publishing = Publishing(ingest: ingest)
            try await publishing.run(LineReader(descriptor, name: file ?? "standard input"))
            CommandResult.write(publishing.summary)
            if publishing.rejected > 0 { throw ExitCode.failure }
        }
    }
}

/// One run of `sheaf publish`.
struct Publishing {
    private static let batch = 1000

    private let ingest: Ingest
    private let reader: EventReader
    private let isWatched = StandardError.isTerminal
    private let start = ContinuousClock.now
    private var shownAt = ContinuousClock.now
    private var line = 0
    private var accepted = 0
    private var duplicate = 0
    private(set) var rejected = 0

    init(ingest: Ingest) {
        self.ingest = ingest
        reader = ingest.reader(source: PublishCommand.source)
    }

    var summary: String { "accepted \(accepted), duplicate \(duplicate), rejected \(rejected)" }

    mutating func run(_ lines: LineReader) async throws {
        var lines = lines
        var entries: [(line: Int, entry: EventReader.Entry)] = []
        while true {
            let more = try await lines.next()
            for text in more {
                line += 1
                if let entry = entry(text) { entries.append((line, entry)) }
                if entries.count >= Self.batch { try await submit(&entries) }
            }
            if more.isEmpty { break }
        }
        try await submit(&entries)
        if isWatched { StandardError.rewrite("") }
        if Task.isCancelled { StandardError.write("ended by a signal after line \(line); the rest was not read") }
    }

    /// The event of a line; `nil` if the line is empty.
    private func entry(_ text: [UInt8]?) -> EventReader.Entry? {
        guard var text else {
            return .failure(SheafError(.tooLarge, "has more than \(LineReader.maximumLength) bytes"))
        }
        if line == 1 { text.removeByteOrderMark() }
        let isEmpty = text.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        return isEmpty ? nil : reader.line(text)
    }

    private mutating func submit(_ entries: inout [(line: Int, entry: EventReader.Entry)]) async throws {
        let results = try await ingest.submit(entries.map { $0.entry }, source: PublishCommand.source)
        for (entry, result) in zip(entries, results) {
            switch result.status {
            case .accepted: accepted += 1
            case .duplicate: duplicate += 1
            case .rejected(let error):
                rejected += 1
                if isWatched { StandardError.rewrite("") }
                StandardError.write("line \(entry.line): " + (error.field.map { "\($0): " } ?? "") + error.message)
            }
        }
        entries.removeAll(keepingCapacity: true)
        showProgress()
    }

    private mutating func showProgress() {
        guard isWatched, ContinuousClock.now - shownAt > .milliseconds(200) else { return }
        shownAt = .now
        let rate = Double(line) / max((ContinuousClock.now - start).seconds, 0.001)
        StandardError.rewrite("line \(line), \(Int(rate)) a second: \(summary)")
    }
}
