internal import Foundation
internal import MessageFormat
internal import SheafCore

/// The values of the variables for the events of one window.
struct WindowValues {
    let fields: [DeclaredField]
    let recipient: RecipientID
    let events: Int
    let summaries: [Int: FieldSummary]
    let distinct: Int?
    let returned: [String: EnrichAnswer.Value]
    /// Prints a single value by the language's rules.
    let printer: Message
    let timeZone: TimeZone

    init(
        _ payloads: [PayloadValues], of recipient: RecipientID, _ needs: [Int: FieldSummary.Needs],
        fields: [DeclaredField], distinct: Int?, returned: [String: EnrichAnswer.Value], printer: Message,
        timeZone: TimeZone
    ) {
        self.fields = fields
        self.recipient = recipient
        events = payloads.count
        var summaries: [Int: FieldSummary] = [:]
        for (index, needs) in needs { summaries[index] = FieldSummary(of: index, in: payloads, needs) }
        self.summaries = summaries
        self.distinct = distinct
        self.returned = returned
        self.printer = printer
        self.timeZone = timeZone
    }

    /// - Parameter lines: the text of the window's lines.
    func value(of variable: TextVariable, lines: String) -> MessageValue? {
        switch variable {
        case .count: .integer(Int64(count))
        case .events: .integer(Int64(events))
        case .recipient: .text(String(recipient))
        case .lines: .text(lines)
        case .key(let index), .last(let index): summaries[index]?.last.map { value($0, fields[index].kind) }
        case .first(let index): summaries[index]?.first.map { value($0, fields[index].kind) }
        case .distinctCount(let index): .integer(Int64(summaries[index]?.distinct ?? 0))
        case .more(let index): .integer(Int64(max(0, (summaries[index]?.distinct ?? 0) - FieldSummary.listed)))
        case .sum(let index):
            fields[index].kind == .number
                ? .number(summaries[index]?.sum.number ?? 0) : .integer(summaries[index]?.sum.integer ?? 0)
        case .list(let index): summaries[index].flatMap { list($0, fields[index].kind) }
        case .returned(let name, let kind): returned[name].map { Self.value($0, kind) }
        }
    }

    private var count: Int {
        guard let distinct, let summary = summaries[distinct] else { return events }
        // The events without a value count as one more value.
        return summary.distinct + (summary.absent > 0 ? 1 : 0)
    }

    private func value(_ value: PayloadScalar, _ kind: DeclaredField.Kind) -> MessageValue {
        switch (value, kind) {
        case (.integer(let id), .id): .text(String(id))
        case (.integer(let integer), _): .integer(integer)
        case (.number(let number), _): .number(number)
        case (.boolean(let boolean), _): .text(String(boolean))
        case (.text(let text), .time): Timestamp(text).map { .time(Date($0)) } ?? .text("")
        case (.text(let text), .enumeration): .text(text)
        case (.text(let text), _): .text(text.asValue())
        }
    }

    /// `nil` if there is nothing to list.
    private func list(_ summary: FieldSummary, _ kind: DeclaredField.Kind) -> MessageValue? {
        guard !summary.latest.isEmpty else { return nil }
        return .list(
            summary.latest.map { scalar in
                let value = value(scalar, kind)
                if case .text(let text) = value { return text }
                return printer.format(timeZone: timeZone) { _ in value }
            })
    }

    private static func value(_ value: EnrichAnswer.Value, _ kind: DeclaredField.Kind) -> MessageValue {
        switch value {
        case .integer(let id) where kind == .id: .text(String(id))
        case .integer(let integer): .integer(integer)
        case .number(let number): .number(number)
        case .boolean(let boolean): .text(String(boolean))
        case .text(let text): .text(text.asValue())
        case .time(let microseconds): .time(Date(Timestamp(microseconds: microseconds)))
        }
    }
}

extension Date {
    init(_ moment: Timestamp) { self.init(timeIntervalSince1970: Double(moment.microseconds) / 1_000_000) }
}
