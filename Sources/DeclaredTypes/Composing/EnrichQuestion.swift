internal import Foundation
public import SheafCore

/// Calls the services of enrich hooks.
public protocol EnrichServices: Sendable {
    /// The response of the hook's service, read by ``EnrichQuestion/answer(from:)``; retried if that may help.
    ///
    /// - Throws: ``SheafError`` `upstream`, whatever the service responded; or `CancellationError`.
    func answer(to question: EnrichQuestion) async throws -> EnrichAnswer
}

/// The request to a type's service about a window.
public struct EnrichQuestion: Sendable {
    /// The maximum number of events sent: the window's latest.
    static let mostEvents = 1000

    /// The type's name.
    public let type: String
    public let hook: EnrichHook
    /// The name of the window, the same in every attempt.
    public let window: String
    /// The trace of the composition, as `TraceContext` writes it.
    public let traceParent: String?
    /// The JSON text of the request.
    public let body: String
    /// How many of the window's first events are not sent.
    let unsent: Int
    private let sent: Int

    /// - Parameter language: the language of the texts that use the response's variables.
    init(_ type: String, _ hook: EnrichHook, about events: [ReadEvent], language: String, _ context: CompositionContext)
    {
        self.type = type
        self.hook = hook
        window = context.window
        traceParent = context.traceParent
        let latest = events.suffix(Self.mostEvents)
        sent = latest.count
        unsent = events.count - sent
        body =
            "{\"type\":\"\(type)\",\"recipient_id\":\(context.recipient),\"locale\":\"\(language)\",\"events\":["
            + latest.map(\.data).joined(separator: ",") + "]}"
    }

    // MARK: - Answers

    private static let members = [
        PayloadField("variables", .json), PayloadField("keep", .json), PayloadField("suppress", .string),
    ]

    /// Reads a response's body.
    ///
    /// - Throws: ``SheafError`` `upstream`, which names the problem without quoting the body.
    public func answer(from body: some Sequence<UInt8>) throws(SheafError) -> EnrichAnswer {
        guard let text = String(validating: Array(body), as: UTF8.self) else { throw wrong("it is not UTF-8") }
        var answer = EnrichAnswer()
        do throws(SheafError) {
            // What control characters a text holds is dropped when it is printed.
            let values = try PayloadValues(Self.members, from: text, takingNull: true)
            if values.has("suppress") {
                let reason = try values.string("suppress")
                guard EnrichAnswer.isReason(reason) else {
                    throw wrong("suppress is not a reason; write 1 to 40 lower-case letters and underscores")
                }
                answer.suppression = reason
                return answer
            }
            if values.has("keep") { answer.kept = try kept(values.json("keep")) }
            if values.has("variables") {
                answer.variables = try variables(values.json("variables"))
            } else if answer.kept == nil, !hook.returns.isEmpty {
                throw wrong("it has none of variables, keep and suppress")
            }
        } catch {
            throw wrong(error, in: nil)
        }
        return answer
    }

    private func kept(_ text: String) throws(SheafError) -> Set<Int> {
        guard let indexes = try? JSONDecoder().decode([Int].self, from: Data(text.utf8)) else {
            throw wrong("keep is not a list of whole numbers")
        }
        guard indexes.allSatisfy((0..<sent).contains) else {
            throw wrong("keep has an index that no event has; \(sent) events were sent, the first is 0")
        }
        return Set(indexes)
    }

    private func variables(_ text: String) throws(SheafError) -> [String: EnrichAnswer.Value] {
        let returns = hook.returns.sorted { $0.key < $1.key }
        var variables: [String: EnrichAnswer.Value] = [:]
        do throws(SheafError) {
            let values = try PayloadValues(
                returns.map { PayloadField($0.key, $0.value.payload) }, from: text,
                takingNull: true)
            for (index, (name, kind)) in returns.enumerated() {
                guard let value = EnrichAnswer.Value(try values.required(at: index), kind) else {
                    throw wrong("variables.\(name) is not \(kind.text), as enrich.returns has it")
                }
                variables[name] = value
            }
        } catch {
            throw wrong(error, in: "variables")
        }
        return variables
    }

    /// The error for a value in the response; its reader speaks of the members of an event's `data`.
    private func wrong(_ error: SheafError, in object: String?) -> SheafError {
        guard error.code == .badPayload else { return error }
        guard let member = error.field?.split(separator: ".").dropFirst().first else {
            return wrong("\(object ?? "it") \(error.message)")
        }
        return wrong("\(object.map { $0 + "." } ?? "")\(member) \(error.message)")
    }

    private func wrong(_ what: String) -> SheafError { SheafError(.upstream, what) }
}

extension EnrichAnswer.Value {
    /// The value of a member of the response; `nil` if it is of another kind.
    fileprivate init?(_ scalar: PayloadScalar, _ kind: DeclaredField.Kind) {
        switch (scalar, kind) {
        case (.integer(let value), _): self = .integer(value)
        case (.number(let value), _): self = .number(value)
        case (.boolean(let value), _): self = .boolean(value)
        case (.text(let text), .time):
            guard let moment = Timestamp(text) else { return nil }
            self = .time(microseconds: moment.microseconds)
        case (.text(let text), _): self = .text(text)
        }
    }
}
