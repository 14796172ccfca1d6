internal import SheafCore

extension TypeSet {
    /// Why this set cannot replace `old` while windows of the named types are live: it could not read their events or
    /// keys any more.
    public func obstacles(since old: TypeSet) -> [(type: String, finding: Finding)] {
        old.types.flatMap { former -> [(type: String, finding: Finding)] in
            guard let type = type(named: former.name) else {
                let finding = Finding(
                    former.file, former.beginning,
                    "\(former.name): has live windows and cannot go yet; write retired: true until they have ended")
                return [(former.name, finding)]
            }
            return type.obstacles(since: former).map { (former.name, $0) }
        }
    }
}

extension TypeDeclaration {
    /// The canonical text of the type: equal texts are equal types.
    public var canonicalText: String { source.canonical }

    fileprivate func obstacles(since old: TypeDeclaration) -> [Finding] {
        var log = MistakeLog(file: file)
        for field in fields {
            guard let former = old.fields.first(where: { $0.name == field.name }) else { continue }
            if case (.enumeration, .enumeration) = (field.kind, former.kind) { continue }
            guard field.kind != former.kind else { continue }
            log.add(
                position(of: "data"),
                "data.\(field.name): was \(former.kind.text) and is \(field.kind.text) while \(name) has live windows; "
                    + "give the new field another name")
        }
        if key != old.key {
            log.add(
                position(of: "key"),
                "key: was [\(old.key.joined(separator: ", "))], by which live windows of \(name) are divided; "
                    + "wait for their end, or give the type another name")
        }
        return log.findings
    }
}
