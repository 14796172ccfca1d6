/// Error messages for unknown names.
extension Advice {
    private static let functions = ["has", "size", "startsWith", "endsWith", "contains", "timestamp", "duration"]

    static func unknownName(_ name: String, _ declarations: CELDeclarations) -> String {
        let quoted = "`\(shortened(name))`"
        if name == "data" { return "`data` is no value of its own; write `data.F` for the field F" }
        if declarations.place(of: name) != nil {
            return "there is no variable \(quoted); write `data.\(name)` for the field"
        }
        if ["now", "today"].contains(name.lowercased()) {
            return "there is no \(quoted); the time of the event is `occurred_at`"
        }
        let known = ["data", "recipient_id", "occurred_at"]
        if let nearest = nearest(to: name, among: known) {
            return "there is no variable \(quoted); did you mean `\(nearest)`?"
        }
        if let nearest = nearest(to: name, among: declarations.fields.map(\.name)) {
            return "there is no variable \(quoted); did you mean `data.\(nearest)`?"
        }
        return
            "there is no variable \(quoted); there are data.F, recipient_id and occurred_at, and strings are written in quotes"
    }

    static func unknownField(_ name: String, _ declarations: CELDeclarations) -> String {
        let quoted = "`data.\(shortened(name))`"
        if CELDeclarations.topLevel[name] != nil {
            return "there is no field \(quoted); write `\(name)`, without `data.`"
        }
        let names = declarations.fields.map(\.name)
        if let nearest = nearest(to: name, among: names) {
            return "there is no field \(quoted); did you mean `data.\(nearest)`?"
        }
        return names.isEmpty
            ? "there is no field \(quoted); no fields are declared"
            : "there is no field \(quoted); declared are \(listed(names))"
    }

    static func unknownFunction(_ name: String) -> String {
        let quoted = "`\(shortened(name))`"
        switch name {
        case "all", "exists", "exists_one", "existsOne", "map", "filter", "reduce":
            return "there is no \(quoted): nothing here loops over a list; write `in`, or name the elements"
        case "int", "uint", "double", "string", "bool", "bytes", "dyn", "type":
            return
                "there is no \(quoted): types are not converted; write `3.0` for a double, `3` for an int, and declare fields alike"
        case "matches": return "there is no \(quoted); write `startsWith`, `endsWith` or `contains`"
        case "len", "length", "count": return "there is no \(quoted); write `size(…)`"
        case "includes": return "there is no \(quoted); write `text.contains(…)`, or `… in list`"
        case "now": return "there is no \(quoted); the time of the event is `occurred_at`"
        case "exist", "defined", "present", "isset", "coalesce": return "there is no \(quoted); write `has(data.F)`"
        default:
            if name.hasPrefix("get"), name.utf8.count > 3 {
                return "there is no \(quoted); compare times with `timestamp(…)` and `duration(…)`"
            }
            if let nearest = nearest(to: name, among: functions) {
                return "there is no function \(quoted); did you mean `\(nearest)`?"
            }
            return "there is no function \(quoted); there are \(functions.joined(separator: ", "))"
        }
    }

    static func badPresenceTest(_ argument: Syntax?) -> String {
        let name = if case .name(let name) = argument?.kind { shortened(name) } else { "F" }
        return "`has` takes one field; write `has(data.\(name))`"
    }

    /// The message for a field of something other than `data`.
    static func fieldless(_ operand: Syntax, _ field: String) -> String {
        functions.contains(field)
            ? "`\(field)` is a function; write `\(operand.quote).\(field)(…)`"
            : "only `data` has fields; write `data.\(shortened(field))`"
    }

    static func badLiteral(_ reason: CELRuntimeError.Reason, _ syntax: Syntax) -> String {
        let quoted = "`\(syntax.quote)`"
        return reason == .badTimestamp
            ? "\(quoted) is no time between the years 1 and 9999; write RFC 3339, as in timestamp(\"2026-01-31T12:00:00Z\")"
            : "\(quoted) is no duration of at most 292 years; write hours, minutes and seconds, as in duration(\"1h30m\"), and 24h for a day"
    }

    /// The first few names, separated by commas.
    static func listed(_ names: [String]) -> String {
        names.prefix(10).map(shortened).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
    }
}
