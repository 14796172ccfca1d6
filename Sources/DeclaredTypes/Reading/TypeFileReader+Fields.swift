internal import SheafCore

extension TypeFileReader {
    mutating func data(_ value: Value) -> [DeclaredField]? {
        if case .text(let text) = value.node, text.text.isEmpty { return [] }
        guard let members = value.members(&log, or: "fields, as item_id: id") else { return nil }
        if members.all.count > Self.mostFields { log.add(value, "has more than \(Self.mostFields) fields") }
        return members.all.compactMap { name, value in
            guard name.text.isFieldName else {
                log.add(name.position, "\(value.path): is no name of a field; write letters, digits and underscores")
                return nil
            }
            guard let field = declaredField(name.text, value) else {
                spoiledFields.insert(name.text)
                return nil
            }
            return field
        }
    }

    private mutating func declaredField(_ name: String, _ value: Value) -> DeclaredField? {
        switch value.node {
        case .text(let text):
            let isOptional = text.text.hasSuffix("?")
            return kind(isOptional ? String(text.text.dropLast()) : text.text, value).map {
                DeclaredField(name, $0, isOptional: isOptional)
            }
        case .list: return enumeration(value).map { DeclaredField(name, $0) }
        case .members:
            guard let members = value.members(["type", "max_length", "optional"], &log, or: "") else { return nil }
            guard let type = members["type"] else {
                members.missing("type", "write what the field holds, as {type: string, max_length: 200}", &log)
                return nil
            }
            guard let field = declaredField(name, type) else { return nil }
            let maxLength = members["max_length"].flatMap { $0.wholeNumber(atLeast: 1, &log) }
            if let member = members["max_length"], field.kind != .string {
                log.add(member, "is for strings alone; \(name) is \(field.kind.text)")
            }
            let isOptional = members["optional"].flatMap { $0.boolean(&log) } ?? false
            return DeclaredField(
                name, field.kind, isOptional: field.isOptional || isOptional, maxLength: maxLength)
        }
    }

    mutating func kind(_ text: String, _ value: Value) -> DeclaredField.Kind? {
        let words = DeclaredField.Kind.words
        if let kind = words.first(where: { $0.word == text })?.kind { return kind }
        let names = words.map(\.word)
        let hint = text.hint(among: names)
        log.add(
            value,
            "\(text.shown) is no type of a field"
                + (hint.isEmpty
                    ? "; there are \(names.joined(separator: ", ")) and lists of words, as [open, closed]" : hint))
        return nil
    }

    private mutating func enumeration(_ value: Value) -> DeclaredField.Kind? {
        guard let list = value.list(&log, or: "") else { return nil }
        var words: [String] = []
        for element in list {
            guard let text = element.text(&log)?.text else { return nil }
            if text.isEmpty || text != text.withoutControls || text.unicodeScalars.count > 200 {
                log.add(element, "is no word; write a short text without control characters")
            } else if words.contains(text) {
                log.add(element, "\(text.shown) stands twice; keep one of them")
            }
            words.append(text)
        }
        if words.isEmpty { log.add(value, "is empty; list the words that the field may hold") }
        return .enumeration(words)
    }
}
