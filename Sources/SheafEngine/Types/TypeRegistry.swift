public import Logging
import ServiceLifecycle
public import SheafCore
import Synchronization

/// The declared types of a process: loads new sets from the store and stores new ones.
///
/// Applying a set replaces the catalog. A set that cannot be read changes nothing.
public final class TypeRegistry<Declared: DeclaredTypeSet>: TypeAdministration {
    /// The built-in types and defaults to which the sets are added.
    public struct Surroundings: Sendable {
        /// The types that are part of the program.
        public let builtIn: [EventType]
        /// The tags of the languages in which they have texts.
        public let languages: [String]
        /// The language of recipients who named none.
        public let language: String
        /// The configured delivery policy of a type.
        public let delivery: @Sendable (EventType) throws(SheafError) -> DeliveryPolicy
        /// The zone of recipients who named none.
        public let timeZone: String
        /// The built-in types for previews; they call no service.
        public let previewed: [EventType]
        /// Remarks for previews, by the name of the type.
        public let notes: [String: String]

        /// - Parameter previewed: the built-in types for previews; `nil` if they never call a service.
        public init(
            builtIn: [EventType], languages: [String], language: String? = nil, timeZone: String = "UTC",
            previewed: [EventType]? = nil,
            notes: [String: String] = [:],
            delivery: @escaping @Sendable (EventType) throws(SheafError) -> DeliveryPolicy = { $0.delivery }
        ) {
            self.builtIn = builtIn
            self.languages = languages
            self.language = language ?? languages.first ?? ""
            self.delivery = delivery
            self.timeZone = timeZone
            self.previewed = previewed ?? builtIn
            self.notes = notes
        }
    }

    private struct State {
        /// The set in use and the number of its revision.
        var set: Declared?
        var revision = 0
        /// The last revision that could not be read.
        var refused = 0
    }

    /// How often it looks for a newer revision.
    private static var interval: Duration { .seconds(2) }

    /// The types in use: built-in and declared.
    public let catalog: LiveCatalog
    let surroundings: Surroundings
    private let revisions: any TypeRevisions
    let clock: any TimeSource
    private let logger: Logger
    private let read: @Sendable (String) throws -> Declared
    private let readFolder: (@Sendable () throws -> Declared)?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - read: reads a set from its stored text; throws ``TypeMistakes``.
    ///   - readFolder: reads the configured folder; throws ``TypeMistakes``. `nil` if none is configured.
    public init(
        _ revisions: any TypeRevisions, beside surroundings: Surroundings, clock: any TimeSource, logger: Logger,
        read: @escaping @Sendable (String) throws -> Declared, readFolder: (@Sendable () throws -> Declared)? = nil
    ) throws(SheafError) {
        self.surroundings = surroundings
        self.revisions = revisions
        self.clock = clock
        self.logger = logger
        self.read = read
        self.readFolder = readFolder
        catalog = LiveCatalog(
            try EventCatalog(surroundings.builtIn).delivering(surroundings.delivery),
            names: { try await revisions.names() })
        catalog.refresh { [weak self] in try await self?.refresh() }
    }

    // MARK: Applying

    /// Looks for newer revisions until the task is cancelled or shuts down gracefully.
    public func run() async {
        var isFailing = false
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            do {
                // Windows of types that lack something here wait for a process that has it.
                for line in try await refresh()?.needs ?? [] {
                    logger.error("a declared type lacks something in this process", metadata: ["lack": "\(line)"])
                }
                isFailing = false
            } catch {
                if !isFailing {
                    logger.warning("declared types cannot be looked up", metadata: ["error": "\(error.safeText)"])
                }
                isFailing = true
            }
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: Self.interval) }
        }
    }

    /// Applies the current revision if it is newer than the one in use. A revision that cannot be read is logged once.
    ///
    /// - Returns: the set that was applied; `nil` if nothing changed.
    /// - Throws: the error of the store.
    @discardableResult
    public func refresh() async throws -> Declared? {
        let known = state.withLock { max($0.revision, $0.refused) }
        guard let newer = try await revisions.newer(than: known) else { return nil }
        let set: Declared
        let catalog: EventCatalog
        do {
            set = try read(newer.text)
            catalog = try await self.catalog(of: set)
        } catch  where error is TypeMistakes || (error as? SheafError)?.code == .invalid {
            state.withLock { $0.refused = max($0.refused, newer.number) }
            self.catalog.pass(over: newer.number)
            logger.error(
                "a revision of declared types cannot be applied; the one in use stays",
                metadata: ["revision": "\(newer.number)", "error": "\(error)"])
            return nil
        }
        put(set, catalog, revision: newer.number)
        return set
    }

    private func put(_ set: Declared, _ catalog: EventCatalog, revision: Int) {
        let isNewer = state.withLock { state in
            guard revision > state.revision else { return false }
            (state.set, state.revision) = (set, revision)
            return true
        }
        guard isNewer, self.catalog.replace(with: catalog, revision: revision) else { return }
        logger.notice("declared types are in use", metadata: ["revision": "\(revision)"])
    }

    /// - Throws: ``SheafError`` `invalid` if the set conflicts with the built-in types; the error of the store.
    private func catalog(of set: Declared) async throws -> EventCatalog {
        let codes = try await revisions.codes(for: Array(set.contents.keys))
        return try EventCatalog(
            surroundings.builtIn + set.eventTypes(codes: codes), formerNames: try await revisions.names()
        ).delivering(surroundings.delivery)
    }

    // MARK: Storing

    /// Stores a set as a new revision unless it equals the current one, and applies it.
    ///
    /// - Parameter origin: the revision that is restored, if any.
    /// - Throws: ``TypeMistakes`` if it conflicts with built-in types or with live windows.
    @discardableResult
    public func apply(_ set: Declared, bringingBack origin: Int? = nil) async throws -> AppliedTypesDocument {
        let catalog = try await checkedCatalog(of: set)
        for _ in 0..<RetryPolicy.typesChange.maxAttempts {
            let current = try await revisions.current()
            // An unreadable revision was written by another version; its content is unknown.
            let old = current.flatMap { try? read($0.text) }
            let obstacles = old.map { set.obstacles(since: $0) } ?? []
            let codes = try await revisions.codes(for: Array(Set(obstacles.map(\.type))))
            let appended = try await revisions.append(
                set.canonicalText, after: current?.number ?? 0, bringingBack: origin, unlessInUse: Set(codes.values))
            switch appended {
            case .stored(let number):
                put(set, catalog, revision: number)
                return set.changes(since: old, revision: number)
            case .unchanged(let number):
                put(set, catalog, revision: number)
                return AppliedTypesDocument(revision: number, isNew: false)
            case .overtaken: continue
            case .inUse(let types):
                throw TypeMistakes(Self.lines(of: obstacles, codes, in: types))
            }
        }
        throw SheafError(.conflict, "other sets of types are being applied at the same time; try again")
    }

    /// The obstacles to a set, since these types have live windows.
    private static func lines(
        of obstacles: [TypeObstacle], _ codes: [String: EventTypeCode], in types: Set<EventTypeCode>
    ) -> [String] {
        obstacles.filter { codes[$0.type].map(types.contains) ?? false }.map(\.line)
    }

    private func checkedCatalog(of set: Declared) async throws -> EventCatalog {
        do {
            return try await catalog(of: set)
        } catch let error as SheafError where error.code == .invalid {
            throw TypeMistakes(error)
        }
    }

    /// Restores the set of a revision, as a new revision.
    ///
    /// - Throws: ``SheafError`` `not_found`; ``TypeMistakes``.
    public func rollBack(to number: Int) async throws -> AppliedTypesDocument {
        guard let revision = try await revisions.revision(number) else { throw SheafError.notFound("revision") }
        return try await apply(read(revision.text), bringingBack: number)
    }

    /// The last revisions, newest first.
    public func history(limit: Int = 100) async throws -> [TypeRevisionDocument] {
        try await revisions.history(limit: limit).map(TypeRevisionDocument.init)
    }

    // MARK: The folder

    /// Stores the folder's set unless some revision already equalled it, so that a process with an older folder
    /// restores nothing. Then applies the current revision.
    ///
    /// - Throws: ``TypeMistakes`` if the folder has a mistake, or this process lacks something that a type needs. If
    ///   live windows conflict with the set, this is logged, and the current revision stays.
    public func start() async throws {
        if let readFolder {
            let set = try usable(readFolder())
            _ = try await checkedCatalog(of: set)
            if try await !revisions.contains(set.canonicalText) {
                do {
                    let applied = try await apply(set)
                    if set.contents.isEmpty, !applied.removed.isEmpty {
                        logger.warning(
                            "types.folder holds no types, so all were removed; a rollback brings them back",
                            metadata: ["removed": "\(applied.removed.count)"])
                    }
                } catch let error as TypeMistakes {
                    logger.warning(
                        "types.folder is not applied, since live windows conflict with it; the current revision stays",
                        metadata: ["error": "\(error)"])
                }
            }
        }
        try await refresh()
        let (current, revision) = state.withLock { ($0.set, $0.revision) }
        if let current { _ = try usable(current, revision) }
    }

    /// - Parameter revision: that the set is of; `nil` if it is of the folder.
    /// - Throws: ``TypeMistakes`` if this process lacks what the set needs.
    private func usable(_ set: Declared, _ revision: Int? = nil) throws(TypeMistakes) -> Declared {
        let lines = set.needs
        guard lines.isEmpty else {
            throw TypeMistakes(lines.map { line in (revision.map { "revision \($0), " } ?? "") + line })
        }
        return set
    }

    /// What this process lacks to use the set that is in use, a line each.
    public var needs: [String] { state.withLock(\.set)?.needs ?? [] }

    /// The number of the current revision and of its types; `nil` if none is stored.
    ///
    /// - Throws: ``TypeMistakes`` if it cannot be read, or this process lacks what it needs.
    public func stored() async throws -> (revision: Int, types: Int)? {
        guard let current = try await revisions.current() else { return nil }
        return (current.number, try usable(read(current.text), current.number).contents.count)
    }

    /// How a set differs from the current one, found without storing anything.
    ///
    /// - Throws: ``TypeMistakes`` if it would be refused.
    public func compare(_ set: Declared) async throws -> TypeSetComparison {
        let codes = Dictionary(set.contents.keys.sorted().enumerated().map { ($1, Int.max - $0) }) { first, _ in first }
        do throws(SheafError) {
            _ = try EventCatalog(surroundings.builtIn + set.eventTypes(codes: codes)).delivering(surroundings.delivery)
        } catch {
            throw TypeMistakes(error)
        }
        _ = try usable(set)
        guard let current = try await revisions.current() else { return .unstored }
        guard current.text != set.canonicalText else { return .same(revision: current.number) }
        let old = try? read(current.text)
        let obstacles = old.map { set.obstacles(since: $0) } ?? []
        if !obstacles.isEmpty {
            let codes = try await revisions.codes(for: Array(Set(obstacles.map(\.type))))
            let inUse = try await revisions.inUse(Set(codes.values))
            let lines = Self.lines(of: obstacles, codes, in: inUse)
            guard lines.isEmpty else { throw TypeMistakes(lines) }
        }
        return .differs(
            set.changes(since: old, revision: current.number),
            isFormer: try await revisions.contains(set.canonicalText))
    }

    public func reload() async throws -> AppliedTypesDocument {
        guard let readFolder else {
            throw TypeMistakes(["types.folder: no folder is configured; name one, or use 'sheaf types apply FOLDER'"])
        }
        return try await apply(usable(readFolder()))
    }

    // MARK: Showing

    /// The set in use.
    var currentSet: Declared? { state.withLock(\.set) }

    public func list() -> TypeListDocument {
        let (set, revision) = state.withLock { ($0.set, $0.revision) }
        let catalog = catalog.current
        let builtIn = surroundings.builtIn.compactMap { catalog.type(code: $0.code) }
        let declared = (set?.descriptions ?? []).map { description in
            var description = description
            // For a type in the engine's catalog, the configured policy.
            if let type = catalog.type(named: description.name) {
                description.code = type.code
                description.delivery = TypeDescription.Delivery(type.delivery)
            }
            return description
        }
        return TypeListDocument(
            revision: revision > 0 ? revision : nil,
            items: builtIn.map { TypeDescription($0, languages: surroundings.languages) } + declared)
    }
}

extension TypeMistakes {
    fileprivate init(_ error: SheafError) { self.init([(error.field.map { "\($0): " } ?? "") + error.message]) }
}

extension DeclaredTypeSet {
    fileprivate func changes(since old: Self?, revision: Int) -> AppliedTypesDocument {
        let (new, old) = (contents, old?.contents ?? [:])
        return AppliedTypesDocument(
            revision: revision, isNew: true, added: new.keys.filter { old[$0] == nil }.sorted(),
            changed: new.filter { old[$0.key] != nil && old[$0.key] != $0.value }.keys.sorted(),
            removed: old.keys.filter { new[$0] == nil }.sorted())
    }
}
