public import Foundation

/// The value of a variable.
public enum MessageValue: Hashable, Sendable {
    /// Printed unchanged; for a plain text, pass it through `MessageText.clean(_:)` first. An id, which is printed with
    /// all digits and no groups, is also a text.
    case text(String)
    case integer(Int64)
    case number(Double)
    case time(Date)
    /// Printed with the language's list pattern: a, b and c.
    case list([String])
}
