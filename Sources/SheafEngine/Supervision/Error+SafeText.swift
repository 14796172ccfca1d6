import SheafCore

extension Error {
    /// What may be logged and stored of the error: Sheaf's own say what they mean, of others only the type is told,
    /// since their words may hold payloads or secrets.
    var safeText: String { (self as? SheafError)?.description ?? String(describing: type(of: self)) }
}
