public import Logging
import ServiceLifecycle
public import SheafCore
import Synchronization

/// The declared types of a process: takes sets from the store when they are new there, and puts sets into it.
///
/// A set is put to use by replacing the catalog. One that cannot be read changes nothing.
public final class TypeRegistry<Declared: DeclaredTypeSet>: TypeAdministration {
    /// What of the program's own the sets are put beside.
    public struct Surroundings: Sendable {
        /// The types that are part of the program.
        public let builtIn: [EventType]
        /// The tags of the languages that they have texts in.
        public let languages: [String]
        /// The language of readers who named none.
        public let language: String
        /// The policy that is configured for a type.
        public let delivery: @Sendable (EventType) throws(SheafError) -> DeliveryPolicy
        /// The zone of recipients who named none.
        public let timeZone: String
        /// The program's types as previews have them, who ask no service.
        public let previewed: [EventType]
        /// What to say of a preview, by the name of the type.
        public let notes: [String: String]

        /// - Parameter previewed: the program's types as previews have them; `nil` if they ask no service anyway.
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
        /// The set that is in use, and the number of its revision.
        var set: Declared?
        var revision = 0
        /// The last revision that could not be read.
        var refused = 0
    }

    /// How often it looks for a newer revision.
    private static var interval: Duration { .seconds(2) }
    /// How often a set is checked anew if others store theirs at the same time.
    private static var attempts: Int { 5 }

    /// The types of the moment: those of the program and those that are declared.
    public let catalog: LiveCatalog
    let surroundings: Surroundings
    private let revisions: any TypeRevisions
    let clock: any TimeSource
    private let logger: Logger
    private let read: @Sendable (String) throws -> Declared
    private let readFolder: (@Sendable () throws -> Declared)?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - read: reads a set from a text that was stored; throws ``TypeMistakes``.
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

    // MARK: Taking

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

    /// Puts the current revision to use if it is newer than what is in use. One that cannot be read is logged, once.
    ///
    /// - Returns: the set that is in use since then; `nil` if nothing changed.
    /// - Throws: what the store fails with.
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
                "a revision of declared types cannot be put to use; what was in use stays",
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

    /// - Throws: ``SheafError`` `invalid` if the set does not go with the program's types; what the store fails with.
    private func catalog(of set: Declared) async throws -> EventCatalog {
        let codes = try await revisions.codes(for: Array(set.contents.keys))
        return try EventCatalog(
            surroundings.builtIn + set.eventTypes(codes: codes), formerNames: try await revisions.names()
        ).delivering(surroundings.delivery)
    }

    // MARK: Storing

    /// Stores a set as a new revision unless it equals the current one, and puts it to use.
    ///
    /// - Parameter origin: the revision that the set is of, if it is brought back.
    /// - Throws: ``TypeMistakes`` if it does not go with the program's types or with windows that live.
    @discardableResult
    public func apply(_ set: Declared, bringingBack origin: Int? = nil) async throws -> AppliedTypesDocument {
        let catalog = try await checkedCatalog(of: set)
        for _ in 0..<Self.attempts {
            let current = try await revisions.current()
            // One that cannot be read was written by another version; what it holds is not known.
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

    /// What stands in the way of a set, since these types have windows that live.
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

    /// Brings the set of a revision back, as a new one.
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

    /// Puts the current revision to use, and before that the folder's set, unless any revision ever equalled it: then a
    /// process with an older folder brings nothing back.
    ///
    /// - Throws: ``TypeMistakes`` if the folder has a mistake, or this process lacks what a type needs. That windows live
    ///   which the set does not go with is logged, and the current revision stays.
    public func start() async throws {
        if let readFolder {
            let set = try usable(readFolder())
            _ = try await checkedCatalog(of: set)
            if try await !revisions.contains(set.canonicalText) {
                do {
                    try await apply(set)
                } catch let error as TypeMistakes {
                    logger.warning(
                        "types.folder is not put to use, since windows live; the current revision stays",
                        metadata: ["error": "\(error)"])
                }
            }
        }
        try await refresh()
        if let current = state.withLock(\.set) { _ = try usable(current) }
    }

    /// - Throws: ``TypeMistakes`` if this process lacks what the set needs.
    private func usable(_ set: Declared) throws(TypeMistakes) -> Declared {
        let lines = set.needs
        guard lines.isEmpty else { throw TypeMistakes(lines) }
        return set
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

    /// The set that is in use.
    var currentSet: Declared? { state.withLock(\.set) }

    public func list() -> TypeListDocument {
        let (set, revision) = state.withLock { ($0.set, $0.revision) }
        let catalog = catalog.current
        let builtIn = surroundings.builtIn.compactMap { catalog.type(code: $0.code) }
        let declared = (set?.descriptions ?? []).map { description in
            var description = description
            // Of a type that the engine takes, the policy as it is configured.
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
