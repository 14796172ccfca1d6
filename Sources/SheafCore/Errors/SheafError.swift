/// An error of Sheaf's own, with a stable code.
///
/// Its text is safe to log and to answer with: it holds no payload, no password and no token.
public struct SheafError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; the raw value is what clients and logs see.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Input that is wrong and stays wrong.
        case invalid
        /// An event type that the catalog does not know.
        case unknownType = "unknown_type"
        /// A payload that does not have the type's form.
        case badPayload = "bad_payload"
        /// Input with more in it than is taken at once.
        case tooLarge = "too_large"
        case notFound = "not_found"
        /// The state changed under a compare-and-set.
        case conflict
        /// What was to be changed has ended.
        case alreadyEnded = "already_ended"
        /// A server that is needed cannot be reached, or does not answer in time.
        case unavailable
        /// Another service answered with a failure that may pass.
        case upstream
        /// Another service refused the request for good.
        case refused
        /// The intake is full; later there may be room.
        case overloaded
        /// A file or database that is damaged, locked, or of another version.
        case storage
    }

    public let code: Code
    /// The member of the input that is wrong, as a path: `data.sale_id`.
    public let field: String?
    public let message: String
    /// How long the other side asked to be left alone.
    public let retryAfter: Duration?
    /// The producer's identifier of the event that is refused, if it could be read; not part of the text.
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

    /// The same error, of the event with this identifier; one that is too long is not carried about.
    func of(event id: String?) -> SheafError {
        guard let id, id.utf8.count <= 4 * IncomingEvent.maximumIDLength else { return self }
        return SheafError(code, field: field, message, retryAfter: retryAfter, eventID: id)
    }

    /// The same error, asking for a wait no longer than `longest`.
    func waiting(atMost longest: Duration) -> SheafError {
        guard let retryAfter, retryAfter > longest else { return self }
        return SheafError(code, field: field, message, retryAfter: longest, eventID: eventID)
    }

    public var description: String {
        "\(code.rawValue): " + (field.map { "\($0): " } ?? "") + message
    }
}

extension SheafError {
    // What is wrong is the same whichever event it is wrong with.
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

/// How a failure is to be met.
public enum FailureKind: Hashable, Sendable {
    /// The message itself is bad: trying again changes nothing.
    case permanent
    /// This message may succeed later; others are not affected.
    case transient
    /// Nothing can be handled until a server is back: the consumer waits, no message pays for it.
    case infrastructure
}

/// An error that knows how it is to be met; any other error counts as transient.
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
    /// How this failure is to be met.
    public var failureKind: FailureKind { (self as? any ClassifiedError)?.kind ?? .transient }
}
