import Foundation
import Loyalty
public import SheafCore
public import SheafEngine
import SheafPostgres
import SheafSQLite

// The types of notifications: those of the program, and those that are declared in files.

extension Container {
    /// The types of the moment.
    public var catalog: LiveCatalog { get async throws { try await types.catalog } }

    /// The declared types, with those of the current revision in use.
    public var types: TypeRegistry<DeclaredSet> {
        get async throws {
            try await part {
                let (builtIn, reader) = try await (builtInTypes, typeSetReader)
                let (languages, configured) = (Language.allCases.map(\.rawValue).sorted(), settings.types)
                let zone = settings.timeZone
                let surroundings = TypeRegistry<DeclaredSet>.Surroundings(builtIn: builtIn, languages: languages) {
                    type throws(SheafError) in
                    let policy = configured[type.name]?.policy(over: type.delivery) ?? type.delivery
                    guard case .scheduled(let schedule) = policy else { return policy }
                    return .scheduled(schedule.with(zone: zone))
                }
                var readFolder: (@Sendable () throws -> DeclaredSet)?
                if let folder = settings.typesFolder { readFolder = { try reader.set(in: folder) } }
                let registry = try await TypeRegistry<DeclaredSet>(
                    typeRevisions, beside: surroundings, clock: clock, logger: logger,
                    read: { text in try reader.set(stored: text) }, readFolder: readFolder)
                try await registry.refresh()
                return registry
            }
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

    private var typeRevisions: any TypeRevisions {
        get async throws {
            switch settings.store.url {
            case .sqlite: try await SQLiteTypeRevisions(sqlite)
            case .postgres: try await PostgresTypeRevisions(postgres)
            }
        }
    }
}
