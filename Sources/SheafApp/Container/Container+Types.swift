import Foundation
import Loyalty
public import SheafCore
public import SheafEngine
import SheafMemory

// The types of notifications: built-in ones, and those declared in files.

extension Container {
    /// The catalog in use.
    public var catalog: LiveCatalog { get async throws { try await types.catalog } }

    /// The declared types, with the current revision applied.
    public var types: TypeRegistry<DeclaredSet> {
        get async throws { try await part { try await registry(storeParts.typeRevisions) } }
    }

    /// The same for read-only commands: if there is no database, none is created, and there are no revisions.
    public var storedTypes: TypeRegistry<DeclaredSet> {
        get async throws {
            guard missingDatabase != nil else { return try await types }
            return try await part { try await registry(MemoryTypeRevisions(MemoryStore(clock: clock))) }
        }
    }

    private var builtInTypes: [EventType] {
        get async throws {
            try await part {
                let services = try await LoyaltyServices(
                    salesURL: settings.sales.url, itemsURL: settings.items.url, client: httpClient, time: clock)
                return LoyaltyCatalog.types(language: settings.locale, services: services)
            }
        }
    }

    /// Reads sets of declared types for this process.
    public var typeSetReader: TypeSetReader {
        get async throws {
            try await part {
                try await TypeSetReader(
                    builtIn: builtInTypes, defaults: settings.recipientDefaults,
                    hooks: HookCalls(client: hookClient, time: clock) { ProcessInfo.processInfo.environment[$0] })
            }
        }
    }

    private func registry(_ revisions: any TypeRevisions) async throws -> TypeRegistry<DeclaredSet> {
        let (builtIn, reader) = try await (builtInTypes, typeSetReader)
        let (languages, configured) = (Language.allCases.map(\.rawValue).sorted(), settings.types)
        let zone = settings.timeZone
        let surroundings = TypeRegistry<DeclaredSet>.Surroundings(
            builtIn: builtIn, languages: languages, language: settings.locale.rawValue, timeZone: settings.timeZone,
            previewed: LoyaltyCatalog.types(language: settings.locale, services: LoyaltyServices()),
            notes: LoyaltyCatalog.previewNotes
        ) { type throws(SheafError) in
            let policy = configured[type.name]?.policy(over: type.delivery) ?? type.delivery
            guard case .scheduled(let schedule) = policy else { return policy }
            return .scheduled(schedule.with(zone: zone))
        }
        var readFolder: (@Sendable () throws -> DeclaredSet)?
        if let folder = settings.typesFolder { readFolder = { try reader.set(in: folder) } }
        let registry = try await TypeRegistry<DeclaredSet>(
            revisions, beside: surroundings, clock: clock, logger: logger,
            read: { text in try reader.set(stored: text) }, readFolder: readFolder)
        try await registry.refresh()
        return registry
    }
}
