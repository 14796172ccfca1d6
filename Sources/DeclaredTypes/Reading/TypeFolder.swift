internal import Foundation

/// The files of a folder of types, read and not yet understood.
public struct TypeFolder: Sendable {
    struct File: Sendable {
        /// What complaints call it.
        let path: String
        /// Its name without its end: the type's name.
        let name: String
        let bytes: [UInt8]
    }

    /// The most files of a folder.
    static let mostFiles = 2000
    private static let ends = [".yaml", ".yml"]

    /// The files of types, by name.
    let types: [File]
    let categories: File?

    /// Reads a folder: its files that end with `.yaml` or `.yml`, without those whose names begin with a dot. Symbolic
    /// links are followed.
    ///
    /// - Throws: what cannot be read.
    public init(path: String) throws(Findings) {
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory) else {
            throw Findings([Finding(folder, .start, "there is no such folder; name one with a file a type")])
        }
        guard isDirectory.boolValue else {
            throw Findings([Finding(folder, .start, "is a file; name the folder that it is in")])
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Findings([Finding(folder, .start, "the folder cannot be read; look at its permissions")])
        }
        var findings: [Finding] = []
        var files: [File] = []
        let usable = names.filter { name in !name.hasPrefix(".") && Self.ends.contains { name.hasSuffix($0) } }.sorted()
        if usable.count > Self.mostFiles {
            throw Findings([Finding(folder, .start, "has \(usable.count) files; at most \(Self.mostFiles) are read")])
        }
        for name in usable {
            let path = "\(folder)/\(name)"
            switch Self.read(path) {
            case .success(let bytes):
                files.append(
                    File(path: path, name: String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]), bytes: bytes))
            case .failure(let finding): findings.append(finding)
            }
        }
        guard findings.isEmpty else { throw Findings(findings) }
        try self.init(files)
    }

    /// The same of contents by file name, for tests and for what did not come from a disk.
    public init(_ contents: [String: String]) throws(Findings) {
        try self.init(
            contents.sorted { $0.key < $1.key }.map { name, text in
                File(
                    path: name, name: String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]),
                    bytes: Array(text.utf8))
            })
    }

    private init(_ files: [File]) throws(Findings) {
        var findings: [Finding] = []
        var types: [File] = []
        var categories: File?
        for file in files {
            if file.name == "_categories" {
                if let other = categories {
                    findings.append(
                        Finding(file.path, .start, "categories are declared in \(other.path), too; keep one file"))
                }
                categories = file
                continue
            }
            if !file.name.isName || file.name.hasPrefix("_") {
                let hint = file.name.hasPrefix("_") ? "; categories are declared in _categories.yaml" : ""
                findings.append(
                    Finding(
                        file.path, .start,
                        "\(file.name.shown) is no name of a type; name the file with lower-case letters, digits and "
                            + "underscores, as review_published.yaml" + hint))
            } else if let other = types.first(where: { $0.name == file.name }) {
                findings.append(Finding(file.path, .start, "the type is declared in \(other.path), too; keep one file"))
            }
            types.append(file)
        }
        guard findings.isEmpty else { throw Findings(findings) }
        self.types = types
        self.categories = categories
    }

    private static func read(_ path: String) -> Result<[UInt8], Finding> {
        let resolved = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved),
            attributes[.type] as? FileAttributeType == .typeRegular
        else {
            return .failure(
                Finding(path, .start, "is no file, or a link to nothing; a type is a file, or a link to one"))
        }
        guard let handle = FileHandle(forReadingAtPath: resolved) else {
            return .failure(Finding(path, .start, "cannot be read; look at its permissions"))
        }
        defer { try? handle.close() }
        // One byte more than is taken shows that there are more.
        guard let data = try? handle.read(upToCount: YAMLReader.maximumBytes + 1) else { return .success([]) }
        return .success(Array(data))
    }
}
