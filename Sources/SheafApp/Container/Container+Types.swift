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
                let services = try await LoyaltyServices(
                    salesURL: settings.sales.url, itemsURL: settings.items.url, client: httpClient, time: clock)
                let (language, configured) = (settings.locale.rawValue, settings.types)
                let builtIn = LoyaltyCatalog.types(language: settings.locale, services: services)
                let surroundings = TypeRegistry<DeclaredSet>.Surroundings(builtIn: builtIn, language: language) {
                    type throws(SheafError) in
                    configured[type.name]?.policy(over: type.delivery) ?? type.delivery
                }
                let reader = TypeSetReader(builtIn: builtIn, language: language)
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

    private var typeRevisions: any TypeRevisions {
        get async throws {
            switch settings.store.url {
            case .sqlite: try await SQLiteTypeRevisions(sqlite)
            case .postgres: try await PostgresTypeRevisions(postgres)
            }
        }
    }
}
