internal import CEL
internal import SheafCore

/// Reads a type from what its file holds, and complains of all that is wrong in it.
struct TypeFileReader {
    let name: String
    /// The names of the categories that are declared.
    let categories: [String]
    var log: MistakeLog
    /// The fields that are known so far; a field that cannot be read keeps its name out of further complaints.
    var fields: [DeclaredField] = []
    var spoiledFields: Set<String> = []

    /// The longest `topic` and `url`, in bytes.
    private static let longestTopic = 249
    private static let longestURL = 2048
    /// The most fields of a type.
    static let mostFields = 64

    init(name: String, file: String, categories: [String]) {
        self.name = name
        self.categories = categories
        log = MistakeLog(file: file)
    }

    /// - Returns: `nil` if there is a mistake.
    mutating func read(_ root: SourceNode) -> TypeDeclaration? {
        let value = Value(node: root, path: "")
        guard case .members(let found, _) = root else {
            log.add(root.position, "a file has members such as data and texts")
            return nil
        }
        let members = Members(found, value)
        members.refuseUnknown(TypeDeclaration.members, &log)
        fields = members["data"].flatMap { data($0) } ?? []
        if members["data"] == nil { members.missing("data", "declare the fields of its events, as item_id: id", &log) }
        let key = members["key"].flatMap { self.key($0) } ?? []
        let hook = members["enrich"].flatMap { self.hook($0) }
        var clashes: [(String, Int?)] = []
        let variables = TextVariables(fields: fields, key: key, returns: hook?.returns ?? [:]) {
            clashes.append(($0, $1))
        }
        for (name, field) in clashes { complain(ofClash: name, field, members) }
        let condition = members["when"].flatMap { self.condition($0) }
        let retraction = members["retracts"].flatMap { self.retraction($0) }
        let delivery = members["delivery"].map { self.delivery($0) } ?? .window(WindowPolicy())
        var reader = TextReader(fields: fields, spoiledFields: spoiledFields, variables: variables, log: log)
        let texts = members["texts"].map { reader.texts($0) } ?? []
        log = reader.log
        if members["texts"] == nil, members["retracts"] == nil {
            members.missing("texts", "write a language with its list_title", &log)
        }
        let examples = members["examples"].map { self.examples($0, hook) } ?? []
        let declaration = TypeDeclaration(
            name: name, topic: members["topic"].flatMap { topic($0) }, category: category(members["category"]),
            importance: members["importance"].flatMap { $0.choice(&log) } ?? .normal,
            expires: members["expires"].flatMap { $0.duration(&log) }, fields: fields, key: key,
            delivery: delivery ?? .immediate, conditionText: condition?.text,
            distinct: members["distinct"].flatMap { field($0)?.name }, retraction: retraction, hook: hook, texts: texts,
            examples: examples, isRetired: members["retired"].flatMap { $0.boolean(&log) } ?? false,
            condition: condition?.expression, variables: variables, file: log.file, source: root)
        return log.findings.isEmpty ? declaration : nil
    }

    private mutating func complain(ofClash name: String, _ field: Int?, _ members: Members) {
        let place = field.flatMap { index in
            members["data"]?.members(&log, or: "")?.all.first { $0.name.text == fields[index].name }?.name.position
        }
        let returned = members["enrich"]?.members(&log, or: "")?["returns"]?.members(&log, or: "")?.all
        let position = place ?? returned?.first { $0.name.text == name }?.name.position ?? members.value.position
        let member = field.map { "data.\(fields[$0].name)" } ?? "enrich.returns.\(name)"
        log.add(position, "\(member): the name \(name) stands for two variables in texts; choose another")
    }

    // MARK: - Single members

    private mutating func topic(_ value: Value) -> String? {
        guard let text = value.text(&log)?.text else { return nil }
        let isName = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
                || String(UnicodeScalar(byte)).lowercased().isName
        }
        guard isName, (1...Self.longestTopic).contains(text.utf8.count) else {
            log.add(value, "\(text.shown) is no topic; letters, digits, dots, hyphens and underscores are allowed")
            return nil
        }
        return text
    }

    private mutating func category(_ value: Value?) -> String {
        guard let value else { return Category.general.name }
        guard let text = value.text(&log)?.text else { return Category.general.name }
        if !categories.contains(text) {
            let hint = text.hint(among: categories)
            log.add(
                value,
                "the category \(text.shown) is not declared"
                    + (hint.isEmpty ? "; declare it in _categories.yaml" : hint))
        }
        return text
    }

    private mutating func key(_ value: Value) -> [String] {
        guard let list = value.list(&log, or: "a list of fields, as [item_id]") else { return [] }
        var names: [String] = []
        for element in list {
            guard let field = field(element) else { continue }
            if names.contains(field.name) {
                log.add(element, "\(field.name) stands twice; keep one of them")
            } else if field.isOptional {
                log.add(
                    element, "\(field.name) is optional, and an event without it would have no window; make it required"
                )
            } else if field.kind == .number {
                log.add(
                    element,
                    "\(field.name) is a number, which two producers may write differently; use id, integer or string")
            } else {
                names.append(field.name)
            }
        }
        return names
    }

    /// The field that is named here.
    mutating func field(_ value: Value) -> DeclaredField? {
        guard let text = value.text(&log, or: "the name of a field")?.text else { return nil }
        if let field = fields.first(where: { $0.name == text }) { return field }
        if !spoiledFields.contains(text) {
            let names = fields.map(\.name)
            let hint = text.hint(among: names)
            log.add(
                value,
                "data has no field \(text.shown)"
                    + (hint.isEmpty ? names.isEmpty ? "" : "; there are \(names.joined(separator: ", "))" : hint))
        }
        return nil
    }

    private mutating func condition(_ value: Value) -> (text: String, expression: CELExpression)? {
        guard let source = value.text(&log, or: "a condition, as data.stars <= 3") else { return nil }
        let declarations = CELDeclarations(fields: fields.map { CELField($0) })
        do throws(CELErrors) {
            return (source.text, try CELExpression(source.text, declarations: declarations))
        } catch {
            for error in error.errors {
                // What follows from a field that cannot be read is no mistake of its own.
                if spoiledFields.contains(where: { error.message.contains($0) }) { continue }
                log.add(source.position(line: error.line, column: error.column), "\(value.path): \(error.message)")
            }
            return nil
        }
    }

    private mutating func retraction(_ value: Value) -> Retraction? {
        let what = "the type and the fields, as {type: review_published, by: [review_id]}"
        guard let members = value.members(Retraction.members, &log, or: what) else { return nil }
        let type = members["type"].flatMap { $0.text(&log)?.text }
        if members["type"] == nil { members.missing("type", "name the type whose events are taken back", &log) }
        guard let by = members["by"] else {
            members.missing("by", "name the fields in which the events are the same", &log)
            return nil
        }
        guard let list = by.list(&log, or: "a list of fields"), let type else { return nil }
        if list.isEmpty { log.add(by, "is empty; name the fields in which the events are the same") }
        return Retraction(type: type, fields: list.compactMap { field($0)?.name })
    }

    private mutating func hook(_ value: Value) -> EnrichHook? {
        let what = "url and returns, as {url: 'https://…', returns: {title: string}}"
        guard let members = value.members(EnrichHook.members, &log, or: what) else { return nil }
        var url: String?
        if let member = members["url"], let text = member.text(&log)?.text {
            if HTTPURL(text) != nil, text.utf8.count <= Self.longestURL {
                url = text
            } else {
                log.add(member, "is no address of a service; write https://host/path, without user, query and fragment")
            }
        }
        if members["url"] == nil { members.missing("url", "write the address of the service", &log) }
        var secret: String?
        if let member = members["secret_env"], let text = member.text(&log)?.text {
            if text.uppercased().hasPrefix("SHEAF_") {
                log.add(member, "names a setting of Sheaf itself; write a name that does not begin with SHEAF_")
            } else if text.isFieldName {
                secret = text
            } else {
                log.add(member, "is no name of an environment variable; write letters, digits and underscores")
            }
        }
        let timeout = members["timeout"].flatMap { $0.duration(&log) } ?? .seconds(10)
        if let member = members["timeout"], timeout > EnrichHook.longestTimeout {
            log.add(member, "\(timeout.text) is longer than a service is waited for; write 60s or less")
        }
        let isNeeded = members["needed"].flatMap { $0.boolean(&log) } ?? true
        var returns: [String: DeclaredField.Kind] = [:]
        for (name, member) in members["returns"]?.members(&log, or: "variables, as {title: string}")?.all ?? [] {
            guard name.text.isFieldName else {
                log.add(name.position, "\(member.path): is no name; write letters, digits and underscores")
                continue
            }
            guard let text = member.text(&log, or: "id, integer, number, string, boolean or time")?.text else {
                continue
            }
            returns[name.text] = kind(text, member)
        }
        return url.map {
            EnrichHook(url: $0, secretVariable: secret, timeout: timeout, isNeeded: isNeeded, returns: returns)
        }
    }
}

extension CELField {
    init(_ field: DeclaredField) {
        switch field.kind {
        case .id, .integer: self.init(field.name, .int, isOptional: field.isOptional)
        case .number: self.init(field.name, .double, isOptional: field.isOptional)
        case .string: self.init(field.name, .string, isOptional: field.isOptional)
        case .boolean: self.init(field.name, .bool, isOptional: field.isOptional)
        case .time: self.init(field.name, .timestamp, isOptional: field.isOptional)
        case .enumeration(let words): self.init(field.name, .string, isOptional: field.isOptional, values: words)
        }
    }
}
