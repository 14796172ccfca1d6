/// Reads the fields that a type declares while the surrounding object is scanned.
struct PayloadReader {
    private(set) var values: PayloadValues

    init(_ fields: [PayloadField]) { values = PayloadValues(fields) }

    /// Whether the type declares a member of this name.
    func isDeclared(_ name: String) -> Bool { values.index(of: name) != nil }

    /// Reads the value of the member `name` if the type declares it, and skips it otherwise.
    mutating func member(_ name: String, _ scanner: inout JSONScanner) throws(JSONError) {
        guard let index = values.index(of: name) else {
            try scanner.skipValue()
            return
        }
        values.found[index] = try Self.value(values.fields[index].kind, &scanner)
    }

    private static func value(
        _ expected: PayloadField.Kind, _ scanner: inout JSONScanner
    ) throws(JSONError) -> PayloadValues.Found {
        let kind = try scanner.nextKind()
        switch (expected, kind) {
        case (_, .null):
            try scanner.literal("null")
            return .null
        case (.integer, .number), (.integer, .string):
            return switch try scanner.integer() {
            case .value(let value): .integer(value)
            case .unfit: .unfit
            case .other: .wrongKind
            }
        case (.number, .number):
            guard let value = Double(try scanner.number()), value.isFinite else { return .unfit }
            return .number(value)
        case (.string, .string), (.time, .string): return .text(try scanner.string())
        case (.boolean, .boolean):
            let value = scanner.peek() == UInt8(ascii: "t")
            try scanner.literal(value ? "true" : "false")
            return .boolean(value)
        case (.json, _): return .text(scanner.text(try scanner.skipValue()))
        default:
            try scanner.skipValue()
            return .wrongKind
        }
    }
}

extension PayloadReader {
    /// Reads `fields` from the text of `data` by itself, as when an event is worded.
    static func read(
        _ fields: [PayloadField], from data: String, takingNull: Bool = false
    ) throws(SheafError) -> PayloadValues {
        var data = data
        return try data.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            scanner.takesNull = takingNull
            return Result { () throws(JSONError) in try read(fields, from: scanner) }
        }
        .mapError { _ in SheafError(.badPayload, field: "data", "is no JSON object") }
        .get()
        .get()
    }

    private static func read(
        _ fields: [PayloadField], from scanner: JSONScanner
    ) throws(JSONError) -> Result<PayloadValues, SheafError> {
        var scanner = scanner
        var reader = PayloadReader(fields)
        guard try scanner.nextKind() == .object else {
            try scanner.skipValue()
            try scanner.finish()
            return .failure(SheafError(.badPayload, field: "data", "is no JSON object"))
        }
        try scanner.object { scanner, name throws(JSONError) in try reader.member(name, &scanner) }
        try scanner.finish()
        if let flaw = scanner.takeFlaw() {
            return .failure(SheafError(.badPayload, field: "data", "cannot be taken: \(flaw)"))
        }
        return .success(reader.values)
    }
}
