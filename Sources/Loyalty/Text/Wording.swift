import SheafCore

extension PluralForms {
    /// The number and the form that agrees with it: `22 товара`.
    func counted(_ number: Int, in language: Language) -> String {
        "\(number) \(form(for: number, in: language))"
    }
}

extension Language {
    /// The parts as one list: `a, b и c`, `a, b and c`.
    func list(_ parts: [String]) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
        let and = self == .russian ? "и" : "and"
        return parts.dropLast().joined(separator: ", ") + " \(and) \(last)"
    }

    /// The first `limit` parts as one list, with the number of the others: `a, b и ещё 3`.
    func list(_ parts: [String], limit: Int) -> String {
        guard parts.count > limit else { return list(parts) }
        let others = parts.count - limit
        return list(parts.prefix(limit) + [self == .russian ? "ещё \(others)" : "\(others) more"])
    }
}

extension String {
    /// The text as a value inside a line: each run of white space becomes one space, and a text longer than `limit` is
    /// cut with an ellipsis. `nil` if nothing is left.
    func asLine(limit: Int) -> String? {
        let words = withoutControls.unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
        guard !words.isEmpty else { return nil }
        return words.map(String.init).joined(separator: " ").asValue(limit: limit, ending: "…")
    }
}
