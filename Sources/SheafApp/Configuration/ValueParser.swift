internal import SheafCore
internal import SheafEngine

/// Why a value is refused, and how to correct it. It is shown to people, so it holds no secrets.
struct Rejection: Error, Hashable {
    let message: String

    init(_ message: String) { self.message = message }
}

/// Parses the raw value of a key.
struct ValueParser<Value: Sendable>: Sendable {
    let parse: @Sendable (RawValue) throws(Rejection) -> Value

    init(_ parse: @escaping @Sendable (RawValue) throws(Rejection) -> Value) { self.parse = parse }

    /// A parser of a single text that is not empty.
    static func text(_ parse: @escaping @Sendable (String) throws(Rejection) -> Value) -> ValueParser {
        ValueParser { raw throws(Rejection) in
            guard case .text(let text) = raw else { throw Rejection("takes one value, not a list") }
            guard !text.isEmpty else { throw Rejection("is empty; leave it out for the default") }
            return try parse(text)
        }
    }
}

extension ValueParser where Value == Duration {
    /// A duration of at least `minimum`.
    static func duration(atLeast minimum: Duration = .zero) -> ValueParser {
        .text { text throws(Rejection) in
            guard let duration = Duration(text: text) else {
                throw Rejection("\(text.quoted) is not a duration; write 500ms, 2s, 5m, 1h or 7d")
            }
            guard duration >= minimum else {
                throw Rejection("\(text.quoted) is too short; write \(minimum.text) or more")
            }
            return duration
        }
    }
}

extension ValueParser where Value == Int {
    /// A whole number within `range`.
    static func wholeNumber(in range: ClosedRange<Int>) -> ValueParser {
        .text { text throws(Rejection) in
            let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
            guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text), range.contains(number)
            else {
                let bounds =
                    range.upperBound == .max
                    ? "from \(range.lowerBound) on" : "\(range.lowerBound) to \(range.upperBound)"
                throw Rejection("\(text.quoted) is not a whole number, \(bounds)")
            }
            return number
        }
    }
}

extension ValueParser where Value == Double {
    /// A share, from 0 to 1.
    static var share: ValueParser {
        .text { text throws(Rejection) in
            guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let share = Double(text),
                (0...1).contains(share)
            else { throw Rejection("\(text.quoted) is not a share; write a number from 0 to 1, as 0.25") }
            return share
        }
    }
}

extension ValueParser where Value: RawRepresentable<String> & CaseIterable {
    /// One of a fixed set of values.
    static var choice: ValueParser {
        .text { text throws(Rejection) in
            guard let value = Value(rawValue: text) else {
                let choices = Value.allCases.map(\.rawValue).formatted(last: "or")
                throw Rejection("\(text.quoted) is not a choice here; write \(choices)")
            }
            return value
        }
    }
}

extension ValueParser where Value == String {
    /// The path of a file.
    static var path: ValueParser {
        .text { text throws(Rejection) in
            guard !text.contains("-----BEGIN") else { throw Rejection("is not a path; write that of the file") }
            return text
        }
    }

    /// The name of a time zone.
    static var timeZone: ValueParser {
        .text { text throws(Rejection) in
            guard ZoneName.isKnown(text) else {
                throw Rejection("\(text.quoted) is not a time zone; write an IANA name, as Europe/Moscow")
            }
            return text
        }
    }

    /// A name without white space.
    static var name: ValueParser {
        .text { text throws(Rejection) in
            guard !text.contains(where: \.isWhitespace) else { throw Rejection("\(text.quoted) has white space in it") }
            return text
        }
    }

    /// The prefix of a topic's name, which may be empty (https://kafka.apache.org/documentation/#topicconfigs: letters,
    /// digits, `.`, `_`, `-`, up to 249 characters).
    static var topicPrefix: ValueParser {
        ValueParser { raw throws(Rejection) in
            guard case .text(let text) = raw else { throw Rejection("takes one value, not a list") }
            guard text.utf8.count <= 200,
                text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
            else {
                throw Rejection("\(text.quoted) cannot begin a topic's name; write letters, digits, '.', '_' and '-'")
            }
            return text
        }
    }
}

extension String {
    /// The text for an error message: on one line, and not too long.
    var quoted: String {
        let shown = prefix(60).map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 32 } ? "·" : String($0) }
        return "'" + shown.joined() + (count > 60 ? "…" : "") + "'"
    }
}

extension [String] {
    /// `a, b or c`
    func formatted(last word: String) -> String {
        guard let final = last, count > 1 else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " \(word) " + final
    }
}
