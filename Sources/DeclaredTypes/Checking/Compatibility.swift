internal import SheafCore

extension TypeSet {
    /// What would break if this set replaced `old`: events that producers send, stored events, and recipients'
    /// settings. None of it is a mistake in the set itself.
    public func breaks(since old: TypeSet) -> [Finding] {
        var findings: [Finding] = []
        for former in old.types {
            guard let type = type(named: former.name) else {
                findings.append(
                    Finding(
                        former.file, .start, "\(former.name) is gone; write retired: true until it has no live windows")
                )
                continue
            }
            findings += type.breaks(since: former)
        }
        let names = Set(categories.flatMap { [$0.name] + $0.formerNames })
        for category in old.categories where !names.contains(category.name) {
            // It stands beside the types.
            let sibling = (types.first ?? old.types.first)?.file ?? ""
            let folder = sibling.lastIndex(of: "/").map { sibling[...$0] } ?? ""
            findings.append(
                Finding(
                    folder + CategoryReader.file, .start,
                    "the category \(category.name) is gone, and what recipients set for it; write was: [\(category.name)] "
                        + "in the one that takes its place"))
        }
        return findings.sorted()
    }
}

extension TypeDeclaration {
    fileprivate func breaks(since old: TypeDeclaration) -> [Finding] {
        var log = MistakeLog(file: file)
        for field in fields {
            guard let former = old.fields.first(where: { $0.name == field.name }) else {
                if !field.isOptional {
                    log.add(
                        position(ofField: field.name),
                        "data.\(field.name): is new and required, so events without it would be refused; make it optional"
                    )
                }
                continue
            }
            compare(field, former, &log)
        }
        for former in old.fields where index(of: former.name) == nil && !former.isOptional {
            // A key field is reported with the key.
            guard !old.key.contains(former.name) else { continue }
            log.add(
                position(of: "data"),
                "data.\(former.name): is gone, but producers send it, and its values would be ignored; keep it, or make it optional first"
            )
        }
        for former in old.fields where key.contains(former.name) != old.key.contains(former.name) {
            log.add(
                position(of: "key"),
                "key: was [\(old.key.joined(separator: ", "))], so live windows would be divided differently; "
                    + "give the type another name"
            )
            break
        }
        if key.sorted() == old.key.sorted(), key != old.key {
            log.add(position(of: "key"), "key: was [\(old.key.joined(separator: ", "))]; keep the order")
        }
        if let former = old.topic, topic != former {
            log.add(position(of: "topic"), "topic: was \(former), whose records would not be read any more; keep it")
        }
        return log.findings
    }

    private func compare(_ field: DeclaredField, _ former: DeclaredField, _ log: inout MistakeLog) {
        let place = position(ofField: field.name)
        switch (field.kind, former.kind) {
        case (.enumeration(let words), .enumeration(let formerWords)):
            let gone = formerWords.filter { !words.contains($0) }
            if !gone.isEmpty {
                log.add(
                    place, "data.\(field.name): takes \(gone.joined(separator: ", ")) no more; keep what producers send"
                )
            }
        case (let kind, let formerKind) where kind != formerKind:
            log.add(
                place, "data.\(field.name): was \(formerKind.text) and is \(kind.text); give the new field another name"
            )
        default: break
        }
        if former.isOptional, !field.isOptional {
            log.add(place, "data.\(field.name): was optional, so events without it would be refused; keep the ?")
        }
        if let limit = field.maxLength, limit < former.maxLength ?? .max {
            let before = former.maxLength.map { "\($0)" } ?? "unbounded"
            log.add(
                place, "data.\(field.name): max_length was \(before) and is \(limit), so longer texts would be refused")
        }
    }

    private func position(ofField name: String) -> SourcePosition {
        guard case .members(let members, _) = source,
            case .members(let fields, _)? = members.first(where: { $0.name.text == "data" })?.value
        else { return .start }
        return fields.first { $0.name.text == name }?.name.position ?? .start
    }
}
