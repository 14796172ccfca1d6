import SheafCore
import Tracing

/// A step of an event's path that is being traced.
struct TracedStep: Sendable {
    private let span: any Span
    /// The step's own context as it is stored with its results; `nil` if the tracer propagates none.
    let trace: String?

    init(_ span: any Span, trace: String?) {
        self.span = span
        self.trace = trace
    }

    /// An attribute of the span. Attributes must never hold payload content.
    subscript(name: String) -> (any SpanAttributeConvertible)? {
        get { span.attributes[name] }
        nonmutating set { if span.isRecording { span.attributes[name] = newValue } }
    }

    /// Records that the step failed.
    func fail(_ reason: String) { span.setStatus(SpanStatus(code: .error, message: reason)) }

    /// Runs `body` with the span as the current one, then ends the span.
    func run<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        defer { span.end() }
        do {
            return try await InstrumentationContext.withValue(span.context) { try await body() }
        } catch {
            fail(error.safeText)
            throw error
        }
    }
}
