internal import Crypto
public import SheafCore

/// The types and categories of a folder. A set is stored as one revision and applied as a whole.
public struct TypeSet: Sendable {
    /// By name.
    public let types: [TypeDeclaration]
    /// By name; `general` is always among them.
    public let categories: [Category]
    /// The whole set in one form, independent of the order, quotes and comments in files: equal texts are equal sets.
    /// It is JSON, read by ``init(canonicalText:builtIn:)``.
    public let canonicalText: String
    /// What the set holds that takes no effect yet, a line a file.
    public let notices: [String]

    /// Reads a folder's files and checks each alone and all together.
    ///
    /// - Parameter builtIn: the types that exist without the folder.
    /// - Throws: all mistakes.
    public init(_ folder: TypeFolder, builtIn: [EventType]) throws(Findings) {
        var findings: [Finding] = []
        let roots = (folder.types + [folder.categories].compactMap(\.self)).map {
            file -> (TypeFolder.File, SourceNode?) in
            var reader = YAMLReader(file: file.path)
            let root = reader.read(file.bytes)
            findings += reader.findings
            return (file, root)
        }
        try self.init(
            types: roots.filter { !$0.0.name.hasPrefix("_") }.compactMap { file, root in
                root.map { (file.name, file.path, $0) }
            },
            categories: roots.first { $0.0.name.hasPrefix("_") }.flatMap { file, root in root.map { (file.path, $0) } },
            builtIn: builtIn, findings)
    }

    /// Reads a set from its canonical text.
    public init(canonicalText: String, builtIn: [EventType]) throws(Findings) {
        var reader = YAMLReader(file: "revision", maximumBytes: .max, maximumDepth: YAMLReader.maximumDepth + 2)
        guard case .members(let members, _)? = reader.read(Array(canonicalText.utf8)) else {
            throw Findings(reader.findings + [Finding("revision", .start, "holds no types")])
        }
        let parts = Dictionary(members.map { ($0.name.text, $0.value) }) { first, _ in first }
        guard case .members(let types, _)? = parts["types"] else {
            throw Findings(reader.findings + [Finding("revision", .start, "holds no types")])
        }
        try self.init(
            types: types.map { ($0.name.text, "\($0.name.text).yaml", $0.value.withoutPlaces) },
            categories: parts["categories"].map { (CategoryReader.file, $0.withoutPlaces) }, builtIn: builtIn,
            reader.findings)
    }

    private init(
        types: [(name: String, file: String, root: SourceNode)], categories: (file: String, root: SourceNode)?,
        builtIn: [EventType], _ former: [Finding]
    ) throws(Findings) {
        var findings = former
        var declared: [Category] = []
        if let categories {
            var reader = CategoryReader(file: categories.file)
            declared = reader.read(categories.root)
            findings += reader.log.findings
        }
        if !declared.contains(where: { $0.name == Category.general.name }) { declared.append(.general) }
        var read: [TypeDeclaration] = []
        for (name, file, root) in types {
            var reader = TypeFileReader(name: name, file: file, categories: declared.map(\.name))
            if let type = reader.read(root) { read.append(type) }
            findings += reader.log.findings
        }
        let all = Set(types.map(\.name))
        findings += SetChecks(types: read, names: all, builtIn: builtIn).findings
        guard findings.isEmpty else { throw Findings(findings) }
        var unused = types.map { ($0.file, TypeDeclaration.membersWithoutEffect.filter($0.root.has)) }
        if let categories { unused.append((categories.file, Self.unused(in: categories.root))) }
        notices = unused.filter { !$0.1.isEmpty }.sorted { $0.0 < $1.0 }.map { file, members in
            let verb = members.count == 1 ? "takes" : "take"
            return Finding(file, .none, "notice: \(members.joined(separator: ", ")) \(verb) no effect yet").description
        }
        self.types = read.sorted { $0.name < $1.name }
        self.categories = declared.sorted { $0.name < $1.name }
        canonicalText =
            "{"
            + [
                categories.map { "\"categories\":\($0.root.canonical)" },
                "\"types\":{"
                    + types.sorted { $0.name < $1.name }.map { "\"\($0.name)\":\($0.root.canonical)" }
                    .joined(separator: ",") + "}",
            ].compactMap(\.self).joined(separator: ",") + "}"
    }

    /// The members of categories that take no effect yet.
    private static func unused(in categories: SourceNode) -> [String] {
        guard case .members(let members, _) = categories else { return [] }
        return CategoryReader.membersWithoutEffect.filter { name in members.contains { $0.value.has(name) } }
    }

    /// SHA-256 of the canonical text, in hexadecimal.
    public var digest: String {
        let digits = Array("0123456789abcdef")
        return String(
            SHA256.hash(data: Array(canonicalText.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    public func type(named name: String) -> TypeDeclaration? { types.first { $0.name == name } }
}
