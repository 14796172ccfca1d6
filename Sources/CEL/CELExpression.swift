/// A condition on an event, written in a subset of Google's Common Expression Language:
/// https://github.com/google/cel-spec/blob/master/doc/langdef.md
///
/// Variables are the fields `data.F`, `recipient_id` and `occurred_at`. The operators and functions are `== != < <= >
/// >=`, `&& || !`, `?:`, `in`, `+ - * / %`, lists, indexing, `has(data.F)`, `size`, `startsWith`, `endsWith`,
/// `contains`, `timestamp` and `duration`. There are no loops, and each part of an expression is evaluated at most
/// once.
///
/// An optional field may be read only if it is known to be present: after `has(data.F) && …`, after `!has(data.F) ||
/// …`, in the first branch of `has(data.F) ? … : …`, and in combinations of these (`Facts` has the rules).
public struct CELExpression: Sendable {
    /// The maximum length of an expression in Unicode scalars.
    public static let maximumLength = 8192
    /// The maximum nesting of an expression. Parser, checker and evaluator are recursive, so this limits their stack.
    public static let maximumDepth = 40
    /// The maximum number of mistakes reported at once.
    public static let maximumErrors = 20
    /// The maximum cost of an evaluation: one step for each part of the expression, and for each byte or list element
    /// that is read or copied. It takes a few milliseconds.
    public static let maximumSteps = 4_000_000

    /// The variables that the expression reads or checks with `has`.
    public let variables: Set<CELVariable>

    let program: Program

    /// Parses and checks the text.
    ///
    /// - Throws: The mistakes found. A syntax mistake ends the checks; all type mistakes are found.
    public init(_ text: String, declarations: CELDeclarations) throws(CELErrors) {
        try self.init(text, declarations: declarations, result: .bool)
    }

    /// The same for tests, with a result of any type if `result` is nil.
    init(_ text: String, declarations: CELDeclarations, result: CELType?) throws(CELErrors) {
        let syntax = try Parser.parse(text)
        var checker = Checker(declarations)
        program = try checker.compile(syntax, result: result)
        variables = checker.variables
    }

    /// Whether the condition holds.
    ///
    /// - Parameter lookup: Returns the value of a variable, nil if the event lacks it. It may be called repeatedly for
    ///   a variable.
    public func evaluate(_ lookup: (CELVariable) -> CELValue?) throws(CELRuntimeError) -> Bool {
        var steps = Self.maximumSteps
        return try program.truth(program.root, lookup, &steps)
    }

    /// The value of an expression of any type, for tests.
    func value(_ lookup: (CELVariable) -> CELValue?) throws(CELRuntimeError) -> CELValue {
        var steps = Self.maximumSteps
        return try program.value(program.root, lookup, &steps)
    }
}
