import SheafCore
import Tracing

/// A step of an event's way that is being traced.
struct TracedStep: Sendable {
    private let span: any Span
    /// The step's own context as it is stored with what comes of it; `nil` if the tracer propagates none.
    let trace: String?

    init(_ span: any Span, trace: String?) {
        self.span = span
        self.trace = trace
    }

    /// An attribute of the span. None may hold what a payload says.
    subscript(name: String) -> (any SpanAttributeConvertible)? {
        get { span.attributes[name] }
        nonmutating set { if span.isRecording { span.attributes[name] = newValue } }
    }

    /// Tells that the step did not do what it was for.
    func fail(_ reason: String) { span.setStatus(SpanStatus(code: .error, message: reason)) }

    /// Ends the span with `body`, within which it is the current one.
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
