/// The values of the declared fields in an event's `data`.
///
/// Values are read by field name. Reading a missing value or one of another kind throws an error that names the field
/// and not the value.
public struct PayloadValues: Hashable, Sendable {
    enum Found: Hashable, Sendable {
        case missing
        case null
        case wrongKind
        /// Of the right kind, but out of range.
        case unfit
        case integer(Int64)
        case number(Double)
        /// A string, or the JSON text of any value.
        case text(String)
        case boolean(Bool)
    }

    let fields: [PayloadField]
    /// The value found for each field.
    var found: [Found]

    init(_ fields: [PayloadField]) {
        self.fields = fields
        found = Array(repeating: .missing, count: fields.count)
    }

    /// Whether the field is present and not null.
    public func has(_ name: String) -> Bool {
        guard let index = index(of: name) else { return false }
        return found[index] != .missing && found[index] != .null
    }

    public func integer(_ name: String) throws(SheafError) -> Int64 {
        guard case .integer(let value) = try value(name, .integer) else { throw undeclared(name) }
        return value
    }

    public func number(_ name: String) throws(SheafError) -> Double {
        guard case .number(let value) = try value(name, .number) else { throw undeclared(name) }
        return value
    }

    public func string(_ name: String) throws(SheafError) -> String {
        guard case .text(let value) = try value(name, .string) else { throw undeclared(name) }
        return value
    }

    public func boolean(_ name: String) throws(SheafError) -> Bool {
        guard case .boolean(let value) = try value(name, .boolean) else { throw undeclared(name) }
        return value
    }

    /// The text of a value of any kind.
    public func json(_ name: String) throws(SheafError) -> String {
        guard case .text(let value) = try value(name, .json) else { throw undeclared(name) }
        return value
    }
}

extension PayloadValues {
    /// Reads `fields` from the text of a JSON object; other members are skipped.
    ///
    /// - Parameter takingNull: whether strings may hold U+0000, since they are not stored as they are.
    /// - Throws: ``SheafError`` `bad_payload` if it is no object, or no JSON.
    public init(_ fields: [PayloadField], from text: String, takingNull: Bool = false) throws(SheafError) {
        self = try PayloadReader.read(fields, from: text, takingNull: takingNull)
    }
}

/// A value of a field, of any kind.
public enum PayloadScalar: Hashable, Sendable {
    case integer(Int64)
    case number(Double)
    /// A string, or the JSON text of any value.
    case text(String)
    case boolean(Bool)
}

extension PayloadValues {
    /// The value of the declared field at `index`; `nil` if it is missing or null.
    public func optional(at index: Int) throws(SheafError) -> PayloadScalar? {
        switch found[index] {
        case .missing, .null: nil
        default: try required(at: index)
        }
    }

    /// The value of the declared field at `index`.
    public func required(at index: Int) throws(SheafError) -> PayloadScalar {
        switch try value(at: index) {
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .text(let value): .text(value)
        case .boolean(let value): .boolean(value)
        default: throw undeclared(fields[index].name)
        }
    }
}

extension PayloadValues {
    /// The index of the field with this name. Names are compared byte by byte.
    func index(of name: String) -> Int? { fields.firstIndex { $0.name.utf8.elementsEqual(name.utf8) } }

    private func value(_ name: String, _ kind: PayloadField.Kind) throws(SheafError) -> Found {
        guard let index = index(of: name), fields[index].kind == kind else { throw undeclared(name) }
        return try value(at: index)
    }

    private func value(at index: Int) throws(SheafError) -> Found {
        let (name, kind) = (fields[index].name, fields[index].kind)
        switch found[index] {
        case .missing: throw complaint(name, "is missing")
        case .null: throw complaint(name, "is null, expected \(kind.words)")
        case .wrongKind: throw complaint(name, "has the wrong type, expected \(kind.words)")
        case .unfit: throw complaint(name, "does not fit, expected \(kind.words)")
        case let value: return value
        }
    }

    /// A fault of the payload's code; the first event of the type shows it.
    private func undeclared(_ name: String) -> SheafError { complaint(name, "is not declared by its type") }

    private func complaint(_ name: String, _ message: String) -> SheafError {
        SheafError(.badPayload, field: "data.\(name)", message)
    }
}
