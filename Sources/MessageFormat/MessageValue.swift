public import Foundation

/// The value of a variable.
public enum MessageValue: Hashable, Sendable {
    /// Printed as it is; what stands in a plain text goes through `MessageText.clean(_:)` before. An identifier, which
    /// prints all digits without groups, is a text, too.
    case text(String)
    case integer(Int64)
    case number(Double)
    case time(Date)
    /// Printed by the list pattern of the language: a, b and c.
    case list([String])
}
