/// The meaning of a name in a text; fields are identified by their index in the declaration.
enum TextVariable: Hashable, Sendable {
    case count
    case events
    case recipient
    case lines
    case key(Int)
    case first(Int)
    case last(Int)
    case distinctCount(Int)
    case sum(Int)
    case list(Int)
    case more(Int)
    /// A value that the service returned.
    case returned(String, DeclaredField.Kind)
}

/// The names that the texts of a type can use.
struct TextVariables: Sendable {
    private(set) var all: [String: TextVariable] = [:]

    subscript(name: String) -> TextVariable? { all[name] }

    var names: [String] { all.keys.sorted() }

    /// - Parameter clash: called with each name that has two meanings, and the two.
    init(
        fields: [DeclaredField], key: [String], returns: [String: DeclaredField.Kind] = [:],
        clash: (_ name: String, _ field: Int?) -> Void = { _, _ in }
    ) {
        for (name, variable) in [
            ("count", TextVariable.count), ("events", .events), ("recipient_id", .recipient), ("lines", .lines),
        ] {
            all[name] = variable
        }
        for (index, field) in fields.enumerated() {
            var made: [(String, TextVariable)] = [
                ("first_", .first(index)), ("last_", .last(index)), ("count_", .distinctCount(index)),
                ("list_", .list(index)), ("more_", .more(index)),
            ]
            if field.kind.isNumeric { made.append(("sum_", .sum(index))) }
            for (prefix, variable) in made where all.updateValue(variable, forKey: prefix + field.name) != nil {
                clash(prefix + field.name, index)
            }
        }
        for (index, field) in fields.enumerated() where key.contains(field.name) {
            if all.updateValue(.key(index), forKey: field.name) != nil { clash(field.name, index) }
        }
        for (name, kind) in returns.sorted(by: { $0.key < $1.key }) {
            if all.updateValue(.returned(name, kind), forKey: name) != nil { clash(name, nil) }
        }
    }
}

extension TextVariable {
    /// How a text can use a variable.
    enum Shape: Hashable {
        case number, text, time, list
    }

    func shape(_ fields: [DeclaredField]) -> Shape {
        switch self {
        case .count, .events, .distinctCount, .sum, .more: .number
        case .recipient, .lines: .text
        case .list: .list
        case .key(let index), .first(let index), .last(let index): fields[index].kind.shape
        case .returned(_, let kind): kind.shape
        }
    }

    /// The optional field without which the variable has no value.
    func absentWithout(_ fields: [DeclaredField]) -> Int? {
        switch self {
        case .first(let index), .last(let index), .list(let index): fields[index].isOptional ? index : nil
        default: nil
        }
    }
}

extension DeclaredField.Kind {
    fileprivate var shape: TextVariable.Shape {
        switch self {
        case .integer, .number: .number
        case .time: .time
        case .id, .string, .boolean, .enumeration: .text
        }
    }
}
