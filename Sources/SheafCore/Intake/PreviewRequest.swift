/// The input for a preview of a type's texts.
public struct PreviewRequest: Hashable, Sendable {
    /// The maximum events of one preview.
    public static let mostEvents = 1000

    /// The JSON text of each event's `data`, in the order in which they would be accepted.
    public var events: [String]
    /// The reader's language, as a tag; the configured one if it is `nil`.
    public var locale: String?
    /// The reader's zone, as IANA names it; the configured one if it is `nil`.
    public var timeZone: String?
    /// When the events happen; now if it is `nil`.
    public var now: Timestamp?
    /// The JSON text of what the type's service would answer; `nil` if nothing is said of it.
    public var enrich: String?

    public init(
        events: [String], locale: String? = nil, timeZone: String? = nil, now: Timestamp? = nil, enrich: String? = nil
    ) {
        self.events = events
        self.locale = locale
        self.timeZone = timeZone
        self.now = now
        self.enrich = enrich
    }
}

extension PreviewRequest {
    private static let members = "events, locale, time_zone, now or enrich"

    /// Reads a preview's JSON object.
    ///
    /// - Throws: ``SheafError`` `invalid`, with the field if a member is wrong, without a field if the body is no
    ///   object; `too_large` if there are too many events.
    public init(json body: [UInt8]) throws(SheafError) {
        self = try JSONScanner.read(body: body, by: Self.read)
    }

    private static func read(_ scanner: JSONScanner) throws(JSONError) -> Result<PreviewRequest, SheafError> {
        var (scanner, request) = (scanner, PreviewRequest(events: []))
        var fault: SheafError?
        var count: Int?
        guard try scanner.nextKind() == .object else {
            try scanner.skipValue()
            try scanner.finish()
            return .failure(SheafError(.invalid, "expected an object with \(members)"))
        }
        try scanner.object { scanner, name throws(JSONError) in
            switch (name, try scanner.nextKind()) {
            case ("events", .array):
                var found = 0
                try scanner.array { scanner throws(JSONError) in
                    let range = try scanner.skipValue()
                    found += 1
                    if found <= mostEvents { request.events.append(scanner.text(range)) }
                }
                count = found
            case ("locale", .string): request.locale = try scanner.string()
            case ("time_zone", .string): request.timeZone = try scanner.string()
            case ("now", .string):
                request.now = Timestamp(try scanner.string())
                if request.now == nil { fault = fault ?? complaint(name) }
            case ("enrich", .object): request.enrich = scanner.text(try scanner.skipValue())
            case ("locale", .null), ("time_zone", .null), ("now", .null), ("enrich", .null): try scanner.skipValue()
            default:
                try scanner.skipValue()
                fault = fault ?? complaint(name)
            }
        }
        try scanner.finish()
        if let flaw = scanner.takeFlaw() { throw scanner.fault(flaw) }
        if let fault { return .failure(fault) }
        guard let count, count > 0 else {
            return .failure(SheafError(.invalid, field: "events", "is missing or empty; list the data of an event"))
        }
        guard count <= mostEvents else {
            return .failure(SheafError(.tooLarge, field: "events", "a preview holds at most \(mostEvents) events"))
        }
        return .success(request)
    }

    private static func complaint(_ name: String) -> SheafError {
        switch name {
        case "events": SheafError(.invalid, field: name, "expected an array of the events' data")
        case "locale", "time_zone": SheafError(.invalid, field: name, "expected a string")
        case "now": SheafError(.invalid, field: name, "expected a time as in 2026-11-23T09:00:00Z (RFC 3339)")
        case "enrich": SheafError(.invalid, field: name, "expected an object, as {\"variables\": {…}}")
        default:
            SheafError(
                .invalid, field: String(String.UnicodeScalarView(name.unicodeScalars.prefix(100))),
                "is not known; expected \(members)")
        }
    }
}
