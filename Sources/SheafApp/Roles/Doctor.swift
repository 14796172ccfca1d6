import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import SheafCore
import SheafEngine
import SheafTracing

extension AppliedTypesDocument {
    /// The changes in plain English.
    fileprivate var words: String {
        let parts = [("added", added), ("changed", changed), ("removed", removed)].filter { !$0.1.isEmpty }
        let words = parts.map { word, names in
            "\(word) " + names.prefix(10).joined(separator: ", ")
                + (names.count > 10 ? " and \(names.count - 10) more" : "")
        }
        return words.isEmpty ? "no type changes" : words.joined(separator: "; ")
    }
}

/// Checks that everything the configuration names works.
public struct Doctor: Sendable {
    /// One check.
    public struct Check: Sendable {
        public let name: String
        private let body: @Sendable () async throws -> String

        init(_ name: String, _ body: @escaping @Sendable () async throws -> String) {
            self.name = name
            self.body = body
        }

        /// Whether the check succeeded, and what it found; without secrets.
        public func run() async -> (isWell: Bool, detail: String) {
            do { return (true, try await body()) } catch let error as SheafError {
                return (false, (error.field.map { "\($0): " } ?? "") + error.message)
            } catch let error as TypeMistakes {
                return (false, "is refused:\n" + error.lines.joined(separator: "\n"))
            } catch { return (false, "cannot be reached (\(type(of: error)))") }
        }
    }

    private let container: Container

    public init(_ container: Container) { self.container = container }

    /// Checks of the files, the store, and each configured server.
    public var checks: [Check] {
        let settings = container.settings
        var checks: [Check] = []
        if settings.http.tls.certificate != nil || settings.http.tls.key != nil {
            checks.append(Check("tls") { try self.certificate() })
        }
        checks.append(Check("store") { try await self.store() })
        checks.append(Check("types") { try await self.storedTypes() })
        if let folder = settings.typesFolder { checks.append(Check("types.folder") { try await self.types(folder) }) }
        if settings.debouncer.url != .store { checks.append(Check("debouncer") { try await self.debouncer() }) }
        for (part, url) in settings.brokers(of: Set(Role.allCases)) {
            checks.append(Check(part) { try await self.brokers(url) })
        }
        if case .http(let url) = settings.gateway.url {
            checks.append(Check("gateway") { try await self.reach(url) })
        }
        for (name, service) in [("sales", settings.sales), ("items", settings.items)] {
            if let url = service.url { checks.append(Check(name) { try await self.reach(url) }) }
        }
        if let url = settings.tracing.url { checks.append(Check("tracing") { try await self.collector(url) }) }
        return checks
    }

    private func store() async throws -> String {
        let state = try await container.storeSchema()
        if let path = container.missingDatabase { return "is new; the start creates \(path)" }
        guard state == .current else {
            return state == .missing ? "is new; the start creates its tables" : "is older; the start updates it"
        }
        try await container.store.checkWriting()
        let statistics = try await container.store.statistics()
        return "reads and writes; \(statistics.newEvents) events wait, \(statistics.deadLetters) dead letters"
    }

    /// The types that are in use, if this process has what they need. Of the store another check speaks.
    private func storedTypes() async throws -> String {
        guard (try? await container.storeSchema()) == .current else { return "those of the program" }
        guard let stored = try await container.types.stored() else { return "those of the program" }
        return "revision \(stored.revision), \(stored.types) type\(stored.types == 1 ? "" : "s") of files"
    }

    /// What stands in the folder, compared with the revision that is in use. Nothing is stored.
    private func types(_ folder: String) async throws -> String {
        let set = try await container.typeSetReader.set(in: folder)
        let types = set.contents.count
        let count = "\(types) type\(types == 1 ? "" : "s")"
        let hasStore = try await container.storeSchema() == .current
        switch try await hasStore ? container.types.compare(set) : .unstored {
        case .unstored:
            try checkNeeds(of: set)
            return "\(count); no set is stored yet, and the start applies this one"
        case .same(let revision): return "\(count), the same as revision \(revision)"
        case .differs(let changes, isFormer: true):
            return
                "\(count), an older set than revision \(changes.revision): \(changes.words); a start keeps the revision"
        case .differs(let changes, isFormer: false):
            try checkNeeds(of: set)
            return "\(count), another set than revision \(changes.revision): \(changes.words); the start applies it"
        }
    }

    /// - Throws: ``TypeMistakes`` if a start with this set would be refused.
    private func checkNeeds(of set: DeclaredSet) throws(TypeMistakes) {
        let needs = set.needs
        guard needs.isEmpty else { throw TypeMistakes(needs) }
    }

    private func certificate() throws -> String {
        _ = try container.serverCertificate()
        return "the certificate and its key can be used"
    }

    private func debouncer() async throws -> String {
        guard let check = try await container.debouncerDriver?.check() else { return "is the store" }
        return ([check.answer] + check.warnings).joined(separator: "; ")
    }

    private func brokers(_ url: KafkaURL) async throws -> String {
        "answers: " + (try await container.brokers(url)).joined(separator: ", ")
    }

    /// Any response shows that a server is there, except those by which a proxy reports that there is none.
    private func reach(_ url: HTTPURL) async throws -> String {
        let status = try await Self.reaching(url) {
            let request = HTTPClientRequest(url: url.text)
            return Int(try await container.httpClient.execute(request, timeout: .seconds(5)).status.code)
        }
        guard !(502...504).contains(status) else { throw SheafError(.unavailable, "\(url) answers HTTP \(status)") }
        return "answers at \(url) (HTTP \(status))"
    }

    private func collector(_ url: HTTPURL) async throws -> String {
        let status = try await Self.reaching(url) {
            try await SpanExporter.status(of: url, client: container.httpClient)
        }
        guard (200..<300).contains(status) else {
            throw SheafError(
                .unavailable, "\(url) takes no traces by OTLP over HTTP in JSON: it answers HTTP \(status)")
        }
        return "takes traces at \(url)"
    }

    private static func reaching(_ url: HTTPURL, _ ask: () async throws -> Int) async throws -> Int {
        do { return try await ask() } catch {
            throw SheafError(.unavailable, "\(url) cannot be reached: \(reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason($0.error) } ?? "its name has no address"
        case let error as HTTPClientError: error.shortDescription
        default: "\(type(of: error))"
        }
    }
}
