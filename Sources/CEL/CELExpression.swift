/// A condition on an event, written in a subset of Google's Common Expression Language:
/// https://github.com/google/cel-spec/blob/master/doc/langdef.md
///
/// Fields are `data.F`, beside them are `recipient_id` and `occurred_at`. There are `== != < <= > >=`, `&& || !`, `?:`,
/// `in`, `+ - * / %`, lists, indexing, `has(data.F)`, `size`, `startsWith`, `endsWith`, `contains`, `timestamp` and
/// `duration`. No expression loops, and each part of one is evaluated at most once.
///
/// An optional field may be read only if it is known to be present: after `has(data.F) && …`, after `!has(data.F) || …`,
/// in the first branch of `has(data.F) ? … : …`, and in what is built of these (`Facts` has the rules).
public struct CELExpression: Sendable {
    /// Unicode scalars that an expression's text may have.
    public static let maximumLength = 8192
    /// How deep an expression may nest. Parser, checker and evaluator recurse, so this bounds the stack they take.
    public static let maximumDepth = 40
    /// How many mistakes are reported at once.
    public static let maximumErrors = 20
    /// What an evaluation may cost: a step for each part of the expression, and for each byte or list element that is
    /// read or copied. It takes a few milliseconds.
    public static let maximumSteps = 4_000_000

    /// The variables that the expression reads or asks for with `has`.
    public let variables: Set<CELVariable>

    let program: Program

    /// Parses and checks the text.
    ///
    /// - Throws: The mistakes found. After a syntax mistake nothing further is checked; mistakes in types are all found.
    public init(_ text: String, declarations: CELDeclarations) throws(CELErrors) {
        try self.init(text, declarations: declarations, result: .bool)
    }

    /// The same for a result of any type if `result` is nil, for tests.
    init(_ text: String, declarations: CELDeclarations, result: CELType?) throws(CELErrors) {
        let syntax = try Parser.parse(text)
        var checker = Checker(declarations)
        program = try checker.compile(syntax, result: result)
        variables = checker.variables
    }

    /// Whether the condition holds.
    ///
    /// - Parameter lookup: The value of a variable, nil if the event lacks it. It may be called more than once for one.
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
