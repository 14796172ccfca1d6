import SheafCore

/// Texts of ``DecodedSample``, the same for the same seed: some members are missing, null or of the wrong form.
struct SampleDocuments {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func document(depth: Int = 0) -> String {
        var members = [
            ("flag", pick(["true", "false"])), ("text", string()), ("list", list(number())),
            ("grade", pick(["0", "7", "7.0", "null"])),
        ]
        members += [
            ("choice", pick([#""one""#, #""t\u0077o""#])), ("numbers", numbers()),
            ("names", "{\(string()):1.5,\"a\(string().dropFirst()):-0.0}"), ("codes", #"{"5":"a","-7":"b"}"#),
            ("date", pick(["0", "-1.5", "700000000.25"])), ("data", pick([#""""#, #""AQID""#, #""A\u0051ID""#])),
            ("link", pick([#""https://example.org/a?b=c""#, #""a/b""#])),
            ("id", #""E621E1F8-C36C-495A-93FC-0C247A3E6E5F""#),
            ("loose", #"[null,"x",[1,2],{"text":1,"y":[{}]},"super",true]"#),
            ("the derived one, a long name", #"{"extra":5,"super":{"name":"n"}}"#),
        ].filter { _ in generator.one(in: 2) }
        if depth < 3, generator.one(in: 3) {
            members.append(("children", list(document(depth: depth + 1))))
        }
        if generator.one(in: 6), let index = members.indices.randomElement(using: &generator) {
            members[index].1 = pick(["null", "5", "\"text\"", "true", "[]", "{}", "1.5", "[null]", "\"!\"", "-1e30"])
        }
        if generator.one(in: 8), let index = members.indices.randomElement(using: &generator) {
            members.remove(at: index)
        }
        // More members than are looked through one by one.
        if generator.one(in: 4) { members += (0..<40).map { ("other\($0)", "{\"a\":[\($0)]}") } }
        members.shuffle(using: &generator)
        return "{" + members.map { "\(space())\"\($0.0)\"\(space()):\(space())\($0.1)" }.joined(separator: ",") + "}"
    }

    mutating func number() -> String {
        pick(["", "", "-"])
            + pick([
                "0", "7", "127", "128", "255", "256", "32768", "65535", "2147483648", "4294967295", "9007199254740993",
                "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
                "170141183460469231731687303715884105727", "999999999999999999", "1000000000000000000",
            ])
            + pick(["", "", "", "", ".0", ".5", ".25"]) + pick(["", "", "", "", "e1", "E+2", "e-3", "e400", "e-400"])
    }

    private mutating func numbers() -> String {
        let members = "abcdefghijklm".filter { _ in generator.one(in: 3) }.map { name in
            "\"\(name)\":" + (generator.one(in: 3) ? number() : pick(["0", "1", "100", "12e0", "127.0", "null"]))
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    private mutating func list(_ element: String) -> String {
        let elements = (0..<Int.random(in: 0...3, using: &generator)).map { _ in pick(["null", "3", element]) }
        return "[" + (generator.one(in: 3) ? [element] : elements).joined(separator: ",") + "]"
    }

    private mutating func string() -> String {
        let atoms = ["a", "7", " ", "ж", "é", "🛒", #"\""#, #"\\"#, #"\/"#, #"\n"#, #"\u00e9"#, #"\uD83D\uDE00"#]
        return "\"" + (0..<Int.random(in: 0...5, using: &generator)).map { _ in pick(atoms) }.joined() + "\""
    }

    private mutating func space() -> String { pick(["", "", "", " ", "\n", "\t"]) }

    private mutating func pick(_ texts: [String]) -> String { texts.randomElement(using: &generator) ?? "" }
}
