import SheafCore

/// One failure of each kind.
enum Failures {
    static let permanent = SheafError(.badPayload, "a number was expected")
    static let transient = SheafError(.upstream, "the other service answered 503")
    static let infrastructure = SheafError(.unavailable, "the database does not answer")
}

/// A failure of unknown kind.
struct UnknownFailure: Error {}
