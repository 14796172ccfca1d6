public import Testing

/// One requirement of a port, as a test that every driver of the port runs.
public struct ConformanceCheck<Harness: Sendable>: Sendable {
    /// The requirement, as a sentence.
    public let name: String
    private let body: @Sendable (Harness) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Harness) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// Checks a fresh and empty driver; failures become issues of the running test.
    public func run(on harness: Harness) async throws { try await body(harness) }
}

extension ConformanceCheck: CustomTestStringConvertible {
    public var testDescription: String { name }
}
