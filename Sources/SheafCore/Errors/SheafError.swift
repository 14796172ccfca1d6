/// An error of Sheaf's own, with a stable code.
///
/// Its text is safe to log and to send to clients: it holds no payload, password or token.
public struct SheafError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure; clients and logs show the raw value.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Invalid input; retrying does not help.
        case invalid
        /// An event type that the catalog does not know.
        case unknownType = "unknown_type"
        /// A payload that does not match the type.
        case badPayload = "bad_payload"
        /// Input that exceeds a size limit.
        case tooLarge = "too_large"
        case notFound = "not_found"
        /// The state changed under a compare-and-set.
        case conflict
        /// The object to be changed has already ended.
        case alreadyEnded = "already_ended"
        /// A required server cannot be reached, or does not respond in time.
        case unavailable
        /// Another service responded with a failure that may be temporary.
        case upstream
        /// Another service refused the request for good.
        case refused
        /// The intake is full; there may be room later.
        case overloaded
        /// A file or database that is damaged, locked, or of another version.
        case storage
    }

    public let code: Code
    /// The member of the input that is wrong, as a path: `data.sale_id`.
    public let field: String?
    public let message: String
    /// How long the other side asked to wait.
    public let retryAfter: Duration?
    /// The producer's id of the refused event, if it could be read; not part of the text.
    public let eventID: String?

    public init(
        _ code: Code, field: String? = nil, _ message: String, retryAfter: Duration? = nil, eventID: String? = nil
    ) {
        self.code = code
        self.field = field
        self.message = message
        self.retryAfter = retryAfter
        self.eventID = eventID
    }

    /// The same error for the event with this id; an id that is too long is left out.
    func of(event id: String?) -> SheafError {
        guard let id, id.utf8.count <= 4 * IncomingEvent.maximumIDLength else { return self }
        return SheafError(code, field: field, message, retryAfter: retryAfter, eventID: id)
    }

    /// The same error, with a `Retry-After` of at most `longest`.
    func waiting(atMost longest: Duration) -> SheafError {
        guard let retryAfter, retryAfter > longest else { return self }
        return SheafError(code, field: field, message, retryAfter: longest, eventID: eventID)
    }

    public var description: String {
        "\(code.rawValue): " + (field.map { "\($0): " } ?? "") + message
    }
}

extension SheafError {
    // The error is the same, whichever event it concerns.
    public static func == (left: Self, right: Self) -> Bool {
        (left.code, left.field, left.message, left.retryAfter)
            == (right.code, right.field, right.message, right.retryAfter)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(field)
        hasher.combine(message)
        hasher.combine(retryAfter)
    }
}

/// How a caller handles a failure.
public enum FailureKind: Hashable, Sendable {
    /// The message itself is bad: a retry changes nothing.
    case permanent
    /// This message may succeed later; others are not affected.
    case transient
    /// Nothing can be handled until a server is back: the consumer waits, and no message is dead-lettered.
    case infrastructure
}

/// An error that knows its failure kind; any other error counts as transient.
public protocol ClassifiedError: Error {
    var kind: FailureKind { get }
}

extension SheafError: ClassifiedError {
    public var kind: FailureKind {
        switch code {
        case .invalid, .unknownType, .badPayload, .tooLarge, .notFound, .alreadyEnded, .refused: .permanent
        case .conflict, .upstream: .transient
        case .unavailable, .overloaded, .storage: .infrastructure
        }
    }
}

extension Error {
    /// How a caller handles this failure.
    public var failureKind: FailureKind { (self as? any ClassifiedError)?.kind ?? .transient }
}
