import Hummingbird
import SheafCore
import SheafEngine

/// Accepts events and shows them.
struct EventsController: Sendable {
    /// The source of events in Sheaf's own form; producer ids are unique within it.
    static let source = "http"

    private let intake: any EventIntake
    private let operations: Operations
    private let types: any TypeAdministration
    private let bodies: BodyCollector
    private let maximumEvents: Int

    init(
        intake: any EventIntake, operations: Operations, types: any TypeAdministration, bodies: BodyCollector,
        maximumEvents: Int
    ) {
        self.intake = intake
        self.operations = operations
        self.types = types
        self.bodies = bodies
        self.maximumEvents = maximumEvents
    }

    @Sendable
    func publish(_ request: Request, _ context: APIContext) async throws -> Response {
        let headers = EventHeaders(request.headers)
        let format = try headers.format()
        return try await bodies.withBody(of: request, headers.coding(), from: context.channel) { body in
            let entries = try read(body, headers, format)
            return PublishAnswer(results: try await intake.submit(entries, source: Self.source)).response
        }
    }

    @Sendable
    func explain(_ request: Request, _ context: APIContext) async throws -> Response {
        let headers = EventHeaders(request.headers)
        let format = try headers.format()
        return try await bodies.withBody(of: request, headers.coding(), from: context.channel) { body in
            let entries = try read(body, headers, format)
            guard let entry = entries.first, entries.count == 1 else {
                throw APIError(
                    status: .unprocessableContent, code: SheafError.Code.invalid.rawValue,
                    message: "expected one event, got \(entries.count)")
            }
            let admitted: AdmittedEvent
            do { admitted = try await intake.admission(of: entry) } catch let error as SheafError
                where error.kind == .permanent
            { throw PublishAnswer.rejection(error) }
            return try .document(await operations.explain(admitted, by: types))
        }
    }

    private func read(
        _ body: [UInt8], _ headers: EventHeaders, _ format: EventHeaders.Format
    ) throws -> [EventReader.Entry] {
        var body = body
        body.removeByteOrderMark()
        // Uses the types of this moment.
        let reader = intake.reader(source: Self.source, maximumEvents: maximumEvents)
        let entries =
            switch format {
            case .json: try reader.json(body)
            case .lines: try reader.lines(body)
            case .cloudEvents: try reader.cloudEvents(body)
            case .binaryCloudEvent: [try reader.binaryCloudEvent(headers.attributes(), data: body)]
            }
        // The request's trace applies to events without a trace of their own.
        guard let trace = headers.trace?.description else { return entries }
        return entries.map { $0.map { $0.joined(to: trace) } }
    }

    @Sendable
    func permit(_ request: Request, _: APIContext) async throws -> Response {
        Response(status: .ok, headers: WebHookHandshake.answer(to: request.headers))
    }

    @Sendable
    func show(_ request: Request, _ context: APIContext) async throws -> Response {
        try .document(await operations.event(context.pathPart("id"), source: request.query("source")))
    }

    @Sendable
    func retract(_ request: Request, _ context: APIContext) async throws -> Response {
        try await operations.retract(context.pathPart("id"), source: request.query("source"))
        return .noContent
    }
}
