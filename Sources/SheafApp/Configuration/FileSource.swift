internal import SheafCore

/// The settings in a YAML or JSON file.
struct FileSource: SettingsSource {
    private let path: String
    private let values: [String: RawValue]
    private let doubles: [String]

    /// - Throws: if the file as a whole cannot be read.
    init(path: String) throws(ConfigurationProblem) {
        self.path = path
        do {
            let contents = try FileContents(ConfigurationFile.read(path), format: ConfigurationFile.format(of: path))
            values = contents.values
            doubles = contents.doubles
        } catch {
            throw ConfigurationProblem(place: .file(path: path, key: nil), message: error.message)
        }
    }

    func value(of key: String) -> RawValue? { values[key] }

    func place(of key: String) -> ConfigurationProblem.Place { .file(path: path, key: key) }

    func keys(under section: String) -> [String] { values.keys.filter { $0.hasPrefix(section + ".") }.sorted() }

    func unknown(besides known: KnownKeys) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        for (key, value) in values.sorted(by: { $0.key < $1.key }) where !known.contains(key) {
            guard let problem = problem(of: key, value, known), !problems.contains(problem) else { continue }
            problems.append(problem)
        }
        for key in doubles where known.leaf(above: key) == nil {
            problems.append(ConfigurationProblem(place: place(of: key), message: "is in the file twice"))
        }
        return problems
    }

    /// The problem with an unknown key.
    private func problem(of key: String, _ value: RawValue, _ known: KnownKeys) -> ConfigurationProblem? {
        // Show neither the end of the key nor the value: either may be the secret.
        if let leaf = known.leaf(above: key) {
            return ConfigurationProblem(place: place(of: leaf), message: "takes a value, and has keys under it")
        }
        if known.isSection(key) {
            // All keys of the section may be commented out.
            if value == .text("") { return nil }
            return ConfigurationProblem(place: place(of: key), message: "takes keys under it, not a value")
        }
        let names = key.split(separator: ".").map(String.init)
        if names.first == "types", names.count > 1, !known.types.contains(names[1]) {
            let hint = names[1].nearest(among: known.types).map { "did you mean \($0)?" }
            return ConfigurationProblem(
                place: place(of: "types.\(names[1])"),
                message: "is no event type; " + (hint ?? "there are \(known.types.sorted().formatted(last: "and"))"))
        }
        let hint = known.nearest(to: key).map { "; did you mean \($0)?" } ?? ""
        return ConfigurationProblem(place: place(of: key), message: "is no setting of Sheaf" + hint)
    }
}
