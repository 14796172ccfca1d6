import Foundation

/// Formats parsed messages. It holds no values: they come from a closure, which must not outlive the call.
struct MessageWriter {
    let formats: LocaleFormats
    let timeZone: TimeZone

    /// Appends `nodes`; `count` is the value of `#`.
    func write(
        _ nodes: [MessageNode], count: MessageValue?, to output: inout String, _ value: (String) -> MessageValue?
    ) {
        for node in nodes {
            switch node {
            case .text(let text): output += text
            case .argument(let name):
                if let value = value(name) { write(value, to: &output) }
            case .number(let name, let style):
                if let value = value(name) { write(value, style, to: &output) }
            case .time(let name, let style):
                if let value = value(name) { write(value, style, to: &output) }
            case .count:
                if let count { write(count, to: &output) }
            case .plural(let plural):
                guard let number = value(plural.argument) else { continue }
                let (branch, count) = plural.branch(for: number)
                write(branch, count: count, to: &output, value)
            case .select(let select):
                write(select.branch(for: value(select.argument)), count: nil, to: &output, value)
            }
        }
    }

    private func write(_ value: MessageValue, to output: inout String) {
        switch value {
        case .text(let text): output += text
        case .integer(let number): formats.integers.write(number, to: &output)
        case .number(let number): write(number, to: &output)
        case .time(let date): output += formats.string(date, .plain, timeZone)
        case .list(let items): output += formats.string(items)
        }
    }

    private func write(_ number: Double, to output: inout String) {
        if let whole = Int64(exactly: number) {
            formats.integers.write(whole, to: &output)
        } else {
            output += formats.string(number)
        }
    }

    private func write(_ value: MessageValue, _ style: NumberStyle, to output: inout String) {
        let number: Double
        switch value {
        case .integer(let whole):
            switch style {
            case .plain, .integer: return formats.integers.write(whole, to: &output)
            case .currency(let code): return output += formats.string(Decimal(whole), currency: code)
            case .percent: number = Double(whole)
            }
        case .number(let value): number = value
        case .text, .time, .list: return write(value, to: &output)
        }
        switch style {
        case .plain: write(number, to: &output)
        case .integer: write(number.rounded(.toNearestOrEven), to: &output)
        case .percent: output += formats.string(percent: number)
        case .currency(let code): output += formats.string(number, currency: code)
        }
    }

    private func write(_ value: MessageValue, _ style: TimeStyle, to output: inout String) {
        if case .time(let date) = value {
            output += formats.string(date, style, timeZone)
        } else {
            write(value, to: &output)
        }
    }
}

extension MessagePlural {
    /// The branch for a value, and the value of `#` in it.
    func branch(for value: MessageValue) -> ([MessageNode], count: MessageValue) {
        switch value {
        case .integer(let number):
            for exact in exact where exact.value == Double(number) { return (exact.nodes, less(number)) }
            let rest = less(number)
            return (nodes(of: rest), rest)
        case .number(let number):
            let rest = MessageValue.number(number - offset)
            for exact in exact where exact.value == number { return (exact.nodes, rest) }
            return (nodes(of: rest), rest)
        case .text(let text):
            if let number = Int64(text) { return branch(for: .integer(number)) }
            return (other, value)
        case .time, .list: return (other, value)
        }
    }

    private func less(_ number: Int64) -> MessageValue {
        if offset == 0 { return .integer(number) }
        if let offset = Int64(exactly: offset), case let (rest, false) = number.subtractingReportingOverflow(offset) {
            return .integer(rest)
        }
        return .number(Double(number) - offset)
    }

    private func nodes(of rest: MessageValue) -> [MessageNode] {
        let operands: PluralOperands
        switch (rest, style) {
        case (.integer(let number), .plain), (.integer(let number), .integer), (.integer(let number), .currency):
            operands = PluralOperands(number)
        case (.integer(let number), .percent):
            operands = PluralOperands(Double(number) * 100, maximumFractionDigits: 0)
        case (.number(let number), .plain): operands = PluralOperands(number)
        case (.number(let number), .integer): operands = PluralOperands(number, maximumFractionDigits: 0)
        case (.number(let number), .percent): operands = PluralOperands(number * 100, maximumFractionDigits: 0)
        case (.number(let number), .currency): operands = PluralOperands(number, maximumFractionDigits: 9)
        default: return other
        }
        let category = rules.category(of: operands)
        return category == .other ? other : self[category] ?? other
    }
}

extension MessageSelect {
    /// The branch for a value; `other` if no branch matches or there is no value.
    func branch(for value: MessageValue?) -> [MessageNode] {
        switch value {
        case .text(let text)?: branches[text] ?? other
        case .integer(let number)?: branches[String(number)] ?? other
        default: other
        }
    }
}
