/// A statement whose interpolated values are bound, never written into its text:
/// `"SELECT name FROM sources WHERE id = ANY(\(ids))"` becomes `… = ANY($1)` with one parameter.
struct PostgresQuery: Sendable, ExpressibleByStringInterpolation {
    private(set) var sql: String
    private(set) var parameters: [PostgresParameter]
    /// Whether it is prepared once on each connection and reused by its text.
    var isPrepared = true

    init(stringLiteral value: String) {
        sql = value
        parameters = []
    }

    /// - Parameter sql: a text that is made of literals in the source code, with a `$1` for each parameter.
    init(literals sql: String, parameters: [PostgresParameter]) {
        self.sql = sql
        self.parameters = parameters
    }

    init(stringInterpolation: StringInterpolation) {
        sql = stringInterpolation.sql
        parameters = stringInterpolation.parameters
    }

    /// A statement that runs rarely and is not kept prepared.
    static func once(_ query: PostgresQuery) -> PostgresQuery {
        var query = query
        query.isPrepared = false
        return query
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql = ""
        fileprivate var parameters: [PostgresParameter] = []

        init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserveCapacity(literalCapacity + 3 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { sql += literal }

        mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) { bind(PostgresParameter(value)) }

        mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) { bind(PostgresParameter(value)) }

        mutating func appendInterpolation<Value: PostgresEncodable>(_ values: [Value]) {
            bind(PostgresParameter(array: values))
        }

        mutating func appendInterpolation<Value: PostgresEncodable>(_ values: [Value?]) {
            bind(PostgresParameter(array: values))
        }

        /// A part of the SQL text; it can only be a literal in the source code.
        mutating func appendInterpolation(sql part: StaticString) { sql += part.description }

        mutating func appendInterpolation(sql list: SQLText) { sql += list.text }

        private mutating func bind(_ parameter: PostgresParameter) {
            parameters.append(parameter)
            sql += "$\(parameters.count)"
        }
    }
}

/// Parts of statements.
enum SQL {
    /// The database's clock in microseconds since the epoch; it advances within a transaction. In a condition, put it
    /// into a subquery: it is then read once, and an index can be used.
    static let now: StaticString = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
}
