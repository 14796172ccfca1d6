import ArgumentParser
import DeclaredTypes
import Foundation
import Loyalty
import SheafApp
import SheafCore

/// `sheaf types`.
struct TypesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "types", abstract: "Checks, tests and applies types that are declared in files.",
        version: Version.current,
        subcommands: [
            TypesListCommand.self, TypesCheckCommand.self, TypesTestCommand.self, TypesNewCommand.self,
            TypesApplyCommand.self, TypesHistoryCommand.self, TypesRollbackCommand.self,
        ])

    func run() throws { throw MissingCommand.error }
}

/// `sheaf types check`.
struct TypesCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Finds the mistakes in a folder of types.",
        discussion: """
            Each is a line 'file:line:column: what, and what would be right'. The status is 1 if there is any, also if \
            --against finds what would break. Members that take no effect yet are noticed on standard error, and are no \
            mistakes. --counts prints every text for 0, 1, 2, 5 and 21.
            """,
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The folder.", completion: .directory) var folder: String
    @Option(help: "The folder as it was before: what would break is listed, too.", completion: .directory)
    var against: String?
    @Flag(help: "Print every text for 0, 1, 2, 5 and 21.") var counts = false

    func run() async throws {
        do { _ = try common.settings() } catch { throw Failure.exit(for: error) }
        let set = try TypeSet.read(folder)
        for notice in set.notices { StandardError.write(notice) }
        if counts { for type in set.types { CommandResult.write(type.countTable()) } }
        if let against {
            let breaks = set.breaks(since: try TypeSet.read(against))
            for finding in breaks { CommandResult.write("\(finding)") }
            if !breaks.isEmpty { throw ExitCode.failure }
        }
        CommandResult.write(
            "\(set.types.counted("type")), \(set.categories.counted("category", "categories")): no mistakes"
                + (set.types.isEmpty ? "; a type is a file NAME.yaml in the folder" : ""))
    }
}

/// `sheaf types test`.
struct TypesTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Runs the examples in a folder of types.",
        discussion: """
            Events go through the rules of windows under a clock that is moved, and through the texts; nothing is \
            stored or sent. The status is 1 if an example fails, or a file has a mistake.
            """,
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The folder.", completion: .directory) var folder: String
    @Option(help: "How the results are written: text, junit or github.", transform: reportFormat(_:))
    var format = ExampleReport.Format.text

    func run() async throws {
        let context: TextContext
        do { context = TextContext(defaults: try common.settings().recipientDefaults) } catch {
            throw Failure.exit(for: error)
        }
        let set = try TypeSet.read(folder, as: format)
        var results: [ExampleResult] = []
        for type in set.types { results += await type.runExamples(context) }
        CommandResult.write(ExampleReport.text(results, as: format))
        if !ExampleReport.isPassed(results) { throw ExitCode.failure }
    }
}

/// `sheaf types new`.
struct TypesNewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Writes a commented file for a new type.",
        discussion:
            "It goes into types.folder, or else into the current folder. Its example passes: 'sheaf types test' runs it.",
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The type's name: lower-case letters, digits and underscores.") var name: String

    func validate() throws {
        guard TypeTemplate.isName(name) else {
            throw ValidationError(
                "A type's name has lower-case letters, digits and underscores, and begins with a letter or digit.")
        }
    }

    func run() async throws {
        let folder: String?
        guard !LoyaltyCatalog.builtIn.contains(where: { $0.name == name }) else {
            throw Failure.exit(for: SheafError(.conflict, "\(name) is the name of a built-in type; choose another"))
        }
        do { folder = try common.settings().typesFolder } catch { throw Failure.exit(for: error) }
        var isFolder: ObjCBool = false
        if let folder, !FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) || !isFolder.boolValue {
            throw Failure.exit(
                for: SheafError(.invalid, field: "types.folder", "there is no folder \(folder); make it first"))
        }
        let path = (folder.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? "") + "\(name).yaml"
        do {
            try Data(TypeTemplate.text(name: name).utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
        } catch CocoaError.fileWriteFileExists {
            throw Failure.exit(for: SheafError(.conflict, "\(path) is there already"))
        } catch {
            throw Failure.exit(for: SheafError(.invalid, "\(path) cannot be written"))
        }
        CommandResult.write("\(path) is written; 'sheaf types test \(folder ?? ".")' runs its example")
    }
}

private func reportFormat(_ text: String) throws -> ExampleReport.Format {
    guard let format = ExampleReport.Format(rawValue: text) else {
        throw ValidationError("Write text, junit or github for --format.")
    }
    return format
}

extension LoyaltyCatalog {
    /// The built-in types, whose names and fields the checks need.
    fileprivate static var builtIn: [EventType] { types(language: .russian, services: LoyaltyServices()) }
}

extension TypeSet {
    /// Reads the set in a folder; mistakes are printed and end the command.
    fileprivate static func read(_ path: String, as format: ExampleReport.Format = .text) throws -> TypeSet {
        do throws(Findings) {
            return try TypeSet(
                TypeFolder(path: path),
                builtIn: LoyaltyCatalog.builtIn)
        } catch {
            CommandResult.write(ExampleReport.text(error, as: format))
            throw ExitCode.failure
        }
    }
}

extension Array {
    /// `1 type`, `2 types`
    fileprivate func counted(_ noun: String, _ plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }
}
