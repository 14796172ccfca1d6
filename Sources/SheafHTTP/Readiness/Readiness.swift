import SheafCore

/// Checks all parts concurrently, each with a time-out.
struct Readiness: Sendable {
    /// How long a part may take to respond.
    static let timeout: Duration = .seconds(2)

    private let probes: [ReadinessProbe]

    init(_ checks: [ReadinessCheck], clock: any TimeSource) {
        probes = checks.map { ReadinessProbe($0, clock: clock) }
    }

    func check() async -> ReadinessDocument {
        let parts = await withTaskGroup(of: (String, PartReadiness).self) { group in
            for probe in probes {
                group.addTask { (probe.name, await probe.ask(timeout: Self.timeout)) }
            }
            return await group.reduce(into: [String: PartReadiness]()) { $0[$1.0] = $1.1 }
        }
        return ReadinessDocument(ready: parts.values.allSatisfy(\.ready), parts: parts)
    }
}
