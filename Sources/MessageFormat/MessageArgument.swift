/// A place in a message that uses a variable.
public struct MessageArgument: Hashable, Sendable {
    /// How a variable is used.
    public enum Use: String, Hashable, Sendable {
        case plain, number, date, time, plural, selectordinal, select
    }

    /// The variable.
    public let name: String
    public let use: Use
    /// The offset of the name, in Unicode scalars from the beginning of the text.
    public let offset: Int
    /// The branches of plurals and selects that contain it, outermost first.
    public let branches: [MessageBranch]
}

/// A branch of a plural or a select.
public struct MessageBranch: Hashable, Sendable {
    /// The variable that selects the branch.
    public let argument: String
    public let use: MessageArgument.Use
    /// When the branch is taken: `=0`, `few`, `other`, a word of a select.
    public let selector: String

    /// The branch `selector` of the plural or select on `argument`.
    public init(argument: String, use: MessageArgument.Use, selector: String) {
        self.argument = argument
        self.use = use
        self.selector = selector
    }
}
