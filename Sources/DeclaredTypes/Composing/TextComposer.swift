internal import Foundation
internal import MessageFormat
internal import SheafCore

/// Composes the events of a window with a type's texts.
struct TextComposer: Sendable {
    /// The maximum number of events in `lines`: the latest.
    static let mostLines = 10

    private let type: TypeDeclaration
    private let distinct: Int?
    /// By the index of the language in the declaration.
    private let plans: [TextPlan]
    private let linePlans: [TextPlan?]
    private let printers: [Message?]

    init(_ type: TypeDeclaration) {
        self.type = type
        let distinct = type.distinct.flatMap { type.index(of: $0) }
        self.distinct = distinct
        plans = type.texts.map { TextPlan($0, of: type.variables, distinct: distinct) }
        linePlans = type.texts.map { texts in
            texts.messages[.line].map { line in
                // A line has the variables of a window with one event.
                let alone = TypeTexts(language: texts.language, messages: [.fullText: line])
                return TextPlan(alone, of: type.variables, distinct: distinct)
            }
        }
        printers = type.texts.map { try? Message("{v}", language: $0.language) }
    }

    /// The content for some events in a language; `nil` if nothing can be printed in that language.
    ///
    /// - Parameters:
    ///   - payloads: at least one, in the order in which they were accepted.
    ///   - place: the index of the language in the declaration.
    func content(
        _ payloads: [PayloadValues], for recipient: RecipientID, _ context: TextContext, in place: Int,
        returned: [String: EnrichAnswer.Value] = [:]
    ) -> NotificationContent? {
        guard let printer = printers[place] else { return nil }
        let (texts, plan) = (type.texts[place], plans[place])
        func values(_ payloads: [PayloadValues], _ plan: TextPlan) -> WindowValues {
            WindowValues(
                payloads, of: recipient, plan.fields, fields: type.fields, distinct: distinct, returned: returned,
                printer: printer, timeZone: context.timeZone)
        }
        var lines = ""
        if plan.usesLines, let line = texts.messages[.line], let linePlan = linePlans[place] {
            lines = payloads.suffix(Self.mostLines).reversed().map { payload in
                text(line, values([payload], linePlan), lines: "", context)
            }.joined(separator: "\n")
        }
        let all = values(payloads, plan)
        func part(_ part: TypeTexts.Part) -> String {
            texts.messages[part].map { text($0, all, lines: lines, context) } ?? ""
        }
        let url = texts.messages[.url].map { message in
            message.message.format(timeZone: context.timeZone) { name in
                guard let value = type.variables[name].flatMap({ all.value(of: $0, lines: lines) }) else { return nil }
                return plan.numbersInURL.contains(name) ? value : .text(Self.encoded(value))
            }
        }
        return NotificationContent(
            listTitle: part(.listTitle), listDescription: part(.listDescription), fullTitle: part(.fullTitle),
            fullText: part(.fullText), url: url, locale: texts.language.text, category: type.category,
            importance: type.importance.rawValue)
    }

    private func text(
        _ text: TextMessage, _ values: WindowValues, lines: String, _ context: TextContext
    ) -> String {
        text.message.format(timeZone: context.timeZone) { name in
            type.variables[name].flatMap { values.value(of: $0, lines: lines) }
        }
    }

    /// A value as part of an address: everything except ASCII letters, digits and `-._~` is percent-encoded.
    private static func encoded(_ value: MessageValue) -> String {
        let plain =
            switch value {
            case .text(let text): text.replacing("\u{2068}", with: "").replacing("\u{2069}", with: "")
            case .integer(let integer): String(integer)
            case .number(let number): String(number)
            case .time(let date): Timestamp(microseconds: Int64(date.timeIntervalSince1970 * 1_000_000)).description
            case .list(let parts): parts.joined(separator: ",")
            }
        var result = ""
        let digits = Array("0123456789ABCDEF")
        for byte in plain.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(UnicodeScalar(byte))
            default: result += ["%", String(digits[Int(byte >> 4)]), String(digits[Int(byte & 15)])].joined()
            }
        }
        return result
    }
}
