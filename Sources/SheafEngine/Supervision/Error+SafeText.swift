import SheafCore

extension Error {
    /// The text of the error that may be logged and stored. Sheaf's own errors are safe; of others only the type is
    /// shown, since their messages may hold payloads or secrets.
    var safeText: String { (self as? SheafError)?.description ?? String(describing: type(of: self)) }
}
