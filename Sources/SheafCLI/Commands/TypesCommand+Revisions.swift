import ArgumentParser
import Logging
import SheafApp
import SheafCore
import SheafEngine

/// `sheaf types list`.
struct TypesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the types that are in use.", version: Version.current)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.withTypes(makesStore: false) { types, _ in try CommandResult.write(document: types.list()) }
    }
}

/// `sheaf types apply`.
struct TypesApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Applies a folder's types, in every process on the store.",
        discussion: """
            They are stored as a new revision, unless the current one equals them; every process takes it within \
            seconds. A set with a mistake is refused as a whole, with status 1. So is one that takes a type away, or \
            changes its key or a field's type, while windows of it live.
            """,
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The folder.", completion: .directory) var folder: String

    func run() async throws {
        try await common.withTypes { types, reader in
            let set = try reader.set(in: folder)
            try CommandResult.write(document: await types.apply(set))
            warn(of: set.needs)
        }
    }
}

/// `sheaf types history`.
struct TypesHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Lists the sets of types that were applied, newest first.",
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Option(help: "Revisions at most.") var limit = 100

    func validate() throws {
        guard limit > 0 else { throw ValidationError("Write a limit from 1 on.") }
    }

    func run() async throws {
        try await common.withTypes(makesStore: false) { types, _ in
            try CommandResult.write(document: ["items": await types.history(limit: limit)])
        }
    }
}

/// `sheaf types rollback`.
struct TypesRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Restores an earlier set of types, as a new revision.",
        version: Version.current)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The revision's number, as 'sheaf types history' shows it.") var revision: Int

    func run() async throws {
        try await common.withTypes(makesStore: false) { types, _ in
            try CommandResult.write(document: await types.rollBack(to: revision))
            warn(of: types.needs)
        }
    }
}

/// Says what this process lacks to use a set. Others may have it, so nothing is refused.
private func warn(of needs: [String]) {
    for line in needs { StandardError.write("warning: \(line)") }
    if !needs.isEmpty {
        StandardError.write("warning: windows of these types wait until a process that has it takes them")
    }
}

extension CommonOptions {
    /// Runs a command's body on the store's types.
    ///
    /// - Parameter makesStore: whether to create an embedded database if there is none. If not, there are no revisions.
    fileprivate func withTypes(
        makesStore: Bool = true,
        _ body: @escaping @Sendable (TypeRegistry<DeclaredSet>, TypeSetReader) async throws -> Void
    ) async throws {
        try await run(logging: .warning) { container, _ in
            if makesStore || container.missingDatabase == nil { try await container.migrateStore() }
            try await body(container.storedTypes, container.typeSetReader)
        }
    }
}
