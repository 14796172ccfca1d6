import SheafCore
import SheafEngine
import SheafHTTP

/// The readiness checks of the program, by part.
struct Health {
    let checks: [ReadinessCheck]

    init(_ container: Container, _ roles: Set<Role>, _ engine: Engine) async throws {
        let (store, debouncer) = try await (container.store, container.debouncer)
        var checks = [
            ReadinessCheck("store") {
                try await store.checkWriting()
                return PartReadiness(ready: true, detail: "reads and writes")
            },
            ReadinessCheck("debouncer") {
                if let debouncer {
                    _ = try await debouncer.openWindows(after: nil, limit: 1)
                } else {
                    _ = try await store.openWindows(after: nil, limit: 1)
                }
                return PartReadiness(ready: true, detail: "reads")
            },
        ]
        checks += container.settings.brokers(of: roles).map { Self.brokers($0.part, $0.url, container) }
        checks.append(
            ReadinessCheck("consumers") {
                let failed = engine.supervisors.filter { $0.failure != nil }.map(\.name)
                return PartReadiness(
                    ready: failed.isEmpty,
                    detail: failed.isEmpty
                        ? "\(engine.supervisors.count) run" : "failing: " + failed.joined(separator: ", "))
            })
        self.checks = checks
    }

    private static func brokers(_ name: String, _ url: KafkaURL, _ container: Container) -> ReadinessCheck {
        ReadinessCheck(name) {
            let brokers = try await container.brokers(url)
            return PartReadiness(ready: !brokers.isEmpty, detail: "\(brokers.count) brokers")
        }
    }
}

extension EventStore {
    /// Writes nothing, but fails if nothing can be written.
    func checkWriting() async throws {
        try await transaction("check") { _ = try $0.markRead(recipient: 0, NotificationID.lowerBound(at: $0.now)) }
    }
}
