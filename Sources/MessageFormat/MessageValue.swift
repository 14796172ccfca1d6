public import Foundation

/// The value of a variable.
public enum MessageValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case time(Date)
    /// Printed by the list pattern of the language: a, b and c.
    case list([String])
}
