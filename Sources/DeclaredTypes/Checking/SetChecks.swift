internal import SheafCore

/// Checks that need all types together.
struct SetChecks {
    let types: [TypeDeclaration]
    /// The names of all types of the folder, including those that cannot be read.
    let names: Set<String>
    let builtIn: [EventType]

    var findings: [Finding] { types.flatMap { findings(of: $0) } }

    private func findings(of type: TypeDeclaration) -> [Finding] {
        var log = MistakeLog(file: type.file)
        if builtIn.contains(where: { $0.name == type.name }) {
            log.add(type.beginning, "\(type.name) is the name of a built-in type; give the file another name")
        }
        if let topic = type.topic {
            let other =
                builtIn.first { $0.topic == topic }?.name
                ?? types.first { $0.topic == topic && $0.name < type.name }?.name
            if let other {
                log.add(
                    type.position(of: "topic"),
                    "topic: \(topic.shown) is the topic of \(other), too; a topic carries one type")
            }
        }
        if let retraction = type.retraction { check(retraction, of: type, &log) }
        return log.findings
    }

    private func check(_ retraction: Retraction, of type: TypeDeclaration, _ log: inout MistakeLog) {
        let position = type.position(of: "retracts")
        let known = names.union(builtIn.map(\.name))
        guard known.contains(retraction.type) else {
            let hint = retraction.type.hint(among: known)
            log.add(
                position,
                "retracts.type: there is no type \(retraction.type.shown)" + (hint.isEmpty ? "; declare it" : hint))
            return
        }
        if let other = builtIn.first(where: { $0.name == retraction.type }) {
            let fields = other.fields.map(\.name)
            for name in retraction.fields {
                guard let theirs = other.fields.first(where: { $0.name == name }) else {
                    log.add(position, "retracts.by: \(other.name) has no field \(name)" + name.hint(among: fields))
                    continue
                }
                guard let own = type.index(of: name).map({ type.fields[$0].kind }), own.payload != theirs.kind else {
                    continue
                }
                log.add(
                    position,
                    "retracts.by: \(name) is \(own.text) here and \(theirs.kind) in \(other.name); give it that type here"
                )
            }
        }
        guard let other = types.first(where: { $0.name == retraction.type }) else { return }
        for name in retraction.fields {
            guard let own = type.index(of: name).map({ type.fields[$0] }) else { continue }
            guard let theirs = other.index(of: name).map({ other.fields[$0] }) else {
                log.add(
                    position,
                    "retracts.by: \(retraction.type) has no field \(name)"
                        + name.hint(among: other.fields.map(\.name)))
                continue
            }
            if own.kind.payload != theirs.kind.payload {
                log.add(
                    position,
                    "retracts.by: \(name) is \(own.kind.text) here and \(theirs.kind.text) in \(retraction.type); give both one type"
                )
            }
        }
    }
}
