@testable import CEL

/// An event's data and its declarations.
enum Fixture {
    static let fields = [
        CELField("stars", .int), CELField("price", .double), CELField("title", .string), CELField("paid", .bool),
        CELField("at", .timestamp), CELField("kind", .string, values: ["a", "b"]),
        CELField("author", .string, isOptional: true), CELField("count", .int, isOptional: true),
    ]
    static let declarations = CELDeclarations(fields: fields)

    static let values: [String: CELValue] = [
        "stars": .int(3), "price": .double(2.5), "title": .string("naïve"), "paid": .bool(true),
        "at": CELTimestamp("2026-01-05T12:00:00Z").map { .timestamp($0) } ?? .bool(false), "kind": .string("a"),
        "author": .string("Ann"), "count": .int(7),
    ]

    /// The values, without the optional fields unless `complete`.
    static func lookup(complete: Bool = true) -> (CELVariable) -> CELValue? {
        { variable in
            switch variable {
            case .field(let place): complete || !fields[place].isOptional ? values[fields[place].name] : nil
            case .recipientID: .int(42)
            case .occurredAt: values["at"]
            }
        }
    }

    static func evaluate(_ text: String, complete: Bool = true) throws -> Bool {
        try CELExpression(text, declarations: declarations).evaluate(lookup(complete: complete))
    }

    /// The mistakes, as `line:column: message`; empty if there are none.
    static func mistakes(_ text: String) -> [String] {
        do throws(CELErrors) {
            _ = try CELExpression(text, declarations: declarations)
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }
}
