extension JSONScanner {
    /// Reads a value to the end of the text, however deep, without calling itself.
    mutating func tokens() throws(JSONError) -> [JSONToken] {
        var tokens: [JSONToken] = []
        // What a small event has: a token every six bytes or so.
        tokens.reserveCapacity((end - position) / 6 + 2)
        // The innermost open container. While it is open, its token's end tells the one around it.
        var open: Int?
        repeat {
            if try opens(&tokens, in: open) {
                open = tokens.count - 1
            } else {
                while let container = open, !take(",") { open = try close(container, &tokens) }
            }
            if let open, case .object = tokens[open] { tokens.append(.string(try skipName())) }
        } while open != nil
        try finish()
        return tokens
    }

    /// Reads a value, or the beginning of a container that holds something.
    /// - Returns: whether it was such a beginning.
    private mutating func opens(_ tokens: inout [JSONToken], in outer: Int?) throws(JSONError) -> Bool {
        let after = tokens.count + 1
        switch try nextKind() {
        case .object:
            position += 1
            let isEmpty = take("}")
            tokens.append(.object(end: isEmpty ? after : outer ?? 0))
            return !isEmpty
        case .array:
            position += 1
            let isEmpty = take("]")
            tokens.append(.array(end: isEmpty ? after : outer ?? 0))
            return !isEmpty
        case .string: tokens.append(.string(try skipString()))
        case .number: tokens.append(.number(try skipNumber()))
        case .boolean:
            let value = peek() == UInt8(ascii: "t")
            try literal(value ? "true" : "false")
            tokens.append(.boolean(value))
        case .null:
            try literal("null")
            tokens.append(.null)
        }
        return false
    }

    /// Reads the end of a container and notes where it is.
    /// - Returns: the container around it.
    private mutating func close(_ container: Int, _ tokens: inout [JSONToken]) throws(JSONError) -> Int? {
        let outer: Int
        switch tokens[container] {
        case .object(let end):
            guard take("}") else { throw fault("expected ',' or the end of an object") }
            tokens[container] = .object(end: tokens.count)
            outer = end
        case .array(let end):
            guard take("]") else { throw fault("expected ',' or the end of an array") }
            tokens[container] = .array(end: tokens.count)
            outer = end
        case .string, .number, .boolean, .null: return nil
        }
        return container == 0 ? nil : outer
    }
}
