extension Lexer {
    // MARK: - Numbers

    mutating func number() throws(CELError) -> Token.Kind {
        let start = position
        if peeked == "0", peek(1) == "x" || peek(1) == "X" {
            advance(2)
            let digits = take { $0.isHexDigit }
            guard !digits.isEmpty else {
                throw mistake("a hexadecimal number lacks its digits; write 0x1F, say", at: start)
            }
            try endNumber(start)
            return try integer(digits, radix: 16, start)
        }
        var text = take { $0.isDigit }
        var isInteger = true
        if peeked == ".", peek(1)?.isDigit == true {
            isInteger = false
            advance()
            text += (text.isEmpty ? "0." : ".") + take { $0.isDigit }
        } else if peeked == ".", peek(1)?.isLetter != true {
            throw mistake("digits have to follow the decimal point; write \(Advice.shortened(text)).0", at: start)
        }
        if let exponent = exponent() {
            isInteger = false
            text += exponent
        }
        try endNumber(start)
        if isInteger { return try integer(text, radix: 10, start) }
        guard let value = Double(text), value.isFinite else {
            throw mistake("this number is larger than a double can be, about 1.8e308", at: start)
        }
        return .double(value)
    }

    /// An exponent such as `e+10`; without digits the `e` is not one.
    private mutating func exponent() -> String? {
        guard peeked == "e" || peeked == "E" else { return nil }
        let sign = peek(1).flatMap { $0 == "+" || $0 == "-" ? String($0) : nil } ?? ""
        guard peek(1 + sign.utf8.count)?.isDigit == true else { return nil }
        advance(1 + sign.utf8.count)
        return "e" + sign + take { $0.isDigit }
    }

    private func integer(_ digits: String, radix: Int, _ start: CELPosition) throws(CELError) -> Token.Kind {
        guard let value = UInt64(digits, radix: radix), value <= UInt64(Int64.max) + 1 else {
            throw mistake("this integer is larger than an int can be, 9223372036854775807", at: start)
        }
        return .integer(value)
    }

    private mutating func endNumber(_ start: CELPosition) throws(CELError) {
        guard let next = peeked, next.isLetter || next.isDigit else { return }
        let rest = take { $0.isLetter || $0.isDigit }
        if rest == "u" || rest == "U" {
            throw mistake("fields are never unsigned here, so there is no uint; leave out the `\(rest)`", at: start)
        }
        if rest.hasPrefix("_") {
            throw mistake("a number has no underscores in CEL; write its digits together", at: start)
        }
        throw mistake(
            "`\(Advice.shortened(rest))` cannot follow a number directly; leave it out, or put an operator between",
            at: start)
    }

    // MARK: - Strings

    /// The letters and quotes at the beginning of a string.
    struct StringPrefix {
        let isRaw: Bool
        let quotes: String
        let letters: Int
    }

    var stringPrefix: StringPrefix? {
        var letters = 0
        var isRaw = false
        while letters < 2, let letter = peek(letters), "rRbB".unicodeScalars.contains(letter) {
            if letter == "r" || letter == "R" { isRaw = true }
            letters += 1
        }
        guard let quote = peek(letters), quote == "\"" || quote == "'" else { return nil }
        let isTriple = peek(letters + 1) == quote && peek(letters + 2) == quote
        return StringPrefix(
            isRaw: isRaw, quotes: String(repeating: String(quote), count: isTriple ? 3 : 1), letters: letters)
    }

    mutating func string(after prefix: StringPrefix) throws(CELError) -> String {
        let start = position
        if prefix.letters > (prefix.isRaw ? 1 : 0) {
            throw mistake("there are no bytes here; write a string, without the `b`", at: start)
        }
        let isTriple = prefix.quotes.utf8.count == 3
        advance(prefix.letters + prefix.quotes.utf8.count)
        var text = String.UnicodeScalarView()
        while let scalar = peeked {
            if starts(with: prefix.quotes) {
                advance(prefix.quotes.utf8.count)
                return String(text)
            }
            if !isTriple, scalar == "\n" || scalar == "\r" { break }
            if scalar == "\\", !prefix.isRaw {
                text.append(try escape())
            } else {
                text.append(scalar)
                advance()
            }
        }
        throw mistake(
            isTriple
                ? "this string has no end; close it with \(prefix.quotes)"
                : "this string does not end on its line; close it with \(prefix.quotes), or write \\n for a line break",
            at: start)
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}",
        "\\": "\\", "?": "?", "\"": "\"", "'": "'", "`": "`",
    ]

    private mutating func escape() throws(CELError) -> Unicode.Scalar {
        let start = position
        advance()
        guard let letter = peeked else { throw mistake("this string has no end", at: start) }
        if let scalar = Self.escapes[letter] {
            advance()
            return scalar
        }
        switch letter {
        case "x", "X": return try codePoint(after: 1, digits: 2, radix: 16, start)
        case "u": return try codePoint(after: 1, digits: 4, radix: 16, start)
        case "U": return try codePoint(after: 1, digits: 8, radix: 16, start)
        case "0"..."3": return try codePoint(after: 0, digits: 3, radix: 8, start)
        default:
            throw mistake("CEL has no escape `\\\(Advice.visible(letter))`; write `\\\\` for a backslash", at: start)
        }
    }

    private mutating func codePoint(
        after letters: Int, digits count: Int, radix: Int, _ start: CELPosition
    ) throws(CELError) -> Unicode.Scalar {
        advance(letters)
        var digits = ""
        while digits.utf8.count < count, let digit = peeked, digit.isHexDigit {
            digits.unicodeScalars.append(digit)
            advance()
        }
        guard digits.utf8.count == count, let value = UInt32(digits, radix: radix) else {
            throw mistake("this escape takes \(count) \(radix == 8 ? "octal" : "hexadecimal") digits", at: start)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw mistake("this escape is no character; surrogates are written as one \\U with eight digits", at: start)
        }
        return scalar
    }
}
