/// Bodies that are malformed or unusual, or look so.
enum IntakeCorpus {
    static let all = broken + wronglyEncoded + wrongMembers + flawed + odd

    /// Violations of RFC 8259's grammar.
    static let broken: [IntakeCase] = [
        IntakeCase("nothing", "", .broken("the text ends where a value is expected")),
        IntakeCase("white space only", " \t\r\n ", .broken("the text ends where a value is expected")),
        IntakeCase("an opened object", "{", .broken("expected a name")),
        IntakeCase("an opened array", "[", .broken("a value is expected")),
        IntakeCase("an object cut behind a name", #"{"type""#, .broken("expected ':'")),
        IntakeCase("an object cut behind a colon", #"{"type":"#, .broken("expected")),
        IntakeCase("an object cut behind a value", #"{"type":"t""#, .broken("expected ',' or '}'")),
        IntakeCase("an object cut behind a comma", #"{"type":"t","#, .broken("expected a name")),
        IntakeCase("an object cut in a string", #"{"type":"t"#, .broken("")),
        IntakeCase("a string cut behind a backslash", #"{"type":"t\"#, .broken("")),
        IntakeCase(
            "a closed object that was an array", #"{"data":[1}"#, .broken("expected ',' or the end of an array")),
        IntakeCase(
            "a closed array that was an object", #"{"data":{"a":1]"#, .broken("expected ','")),
        IntakeCase("a deeper one", #"{"data":{"a":{"b":1]}}"#, .broken("expected ',' or the end of an object")),
        IntakeCase("a bracket too many", with("") + "]", .broken("expected")),
        IntakeCase("a brace too many", with("") + "}", .broken("expected")),
        IntakeCase("two events in a row", with("") + with(""), .broken("expected")),
        IntakeCase("words behind the event", with("") + " hunter2", .broken("expected")),
        IntakeCase("a comma behind the event", with("") + ",", .broken("expected")),
        IntakeCase("a comma behind the last member", #"{"type":"t",}"#, .broken("expected a name")),
        IntakeCase("a comma behind the last element", #"{"data":{"a":[1,]}}"#, .broken("expected a value")),
        IntakeCase("a comma before the first member", #"{,"type":"t"}"#, .broken("expected a name")),
        IntakeCase("two commas", #"{"type":"t",,"data":{}}"#, .broken("expected a name")),
        IntakeCase("no comma", #"{"type":"t" "data":{}}"#, .broken("expected ',' or '}'")),
        IntakeCase("no colon", #"{"type" "t"}"#, .broken("expected ':'")),
        IntakeCase("two colons", #"{"type"::"t"}"#, .broken("expected a value")),
        IntakeCase("an equals sign", #"{"type"="t"}"#, .broken("expected ':'")),
        IntakeCase("single quotes", "{'type':'hunter2'}", .broken("expected a name")),
        IntakeCase("a bare name", "{type:1}", .broken("expected a name")),
        IntakeCase("a number as a name", "{1:1}", .broken("expected a name")),
        IntakeCase("null as a name", "{null:1}", .broken("expected a name")),
        IntakeCase("a comment of the C kind", "{/* hunter2 */}", .broken("expected a name")),
        IntakeCase("a comment to the line's end", with("") + " // hunter2", .broken("expected")),
        IntakeCase("a shell comment", with("") + " # hunter2", .broken("expected")),
        IntakeCase("a leading zero", with("", recipient: "042"), .broken("expected ','")),
        IntakeCase("a leading minus and zero", with("", recipient: "-042"), .broken("expected ','")),
        IntakeCase("a minus alone", with("", recipient: "-"), .broken("expected a digit")),
        IntakeCase("two minuses", with("", recipient: "--1"), .broken("expected a digit")),
        IntakeCase("a plus", with("", recipient: "+1"), .broken("expected a value")),
        IntakeCase("a fraction without its whole", with("", recipient: ".5"), .broken("expected a value")),
        IntakeCase("a point without its fraction", with("", recipient: "1."), .broken("expected a digit")),
        IntakeCase("an exponent behind a point", with("", recipient: "1.e3"), .broken("expected a digit")),
        IntakeCase("an exponent without digits", with("", recipient: "1e"), .broken("expected a digit")),
        IntakeCase("an exponent of a sign", with("", recipient: "1e+"), .broken("expected a digit")),
        IntakeCase("a hexadecimal number", with("", recipient: "0x1F"), .broken("expected ','")),
        IntakeCase("digits in groups", with("", recipient: "1_000"), .broken("expected ','")),
        IntakeCase("a suffix", with("", recipient: "1L"), .broken("expected ','")),
        IntakeCase("digits of another script", with("", recipient: "４２"), .broken("expected a value")),
        IntakeCase("NaN", with("", recipient: "NaN"), .broken("expected a value")),
        IntakeCase("Infinity", with("", recipient: "Infinity"), .broken("expected a value")),
        IntakeCase("-Infinity", with("", recipient: "-Infinity"), .broken("expected a digit")),
        IntakeCase("nan in the middle of data", with("", data: #"{"a":nan}"#), .broken("expected null")),
        IntakeCase("True", with(#""a":True"#), .broken("expected a value")),
        IntakeCase("nul", with(#""a":nul"#), .broken("expected null")),
        IntakeCase("nulll", with(#""a":nulll"#), .broken("expected ','")),
        IntakeCase("fals", with(#""a":fals"#), .broken("expected false")),
        IntakeCase("undefined", with(#""a":undefined"#), .broken("expected a value")),
        IntakeCase("a raw NUL in a string", with("", type: "\"t\0\""), .broken("a control character")),
        IntakeCase("a raw NUL between members", with("\0"), .broken("expected a name")),
        IntakeCase("a raw NUL behind the event", with("") + "\0", .broken("expected")),
        IntakeCase("a raw tab in a string", with("", type: "\"\t\""), .broken("a control character")),
        IntakeCase("a raw line end in a string", with("", type: "\"\n\""), .broken("a control character")),
        IntakeCase("a raw escape in a name", with("\"\u{1B}\":1"), .broken("a control character")),
        IntakeCase("an unknown escape", with("", type: #""\x41""#), .broken("an unknown escape")),
        IntakeCase("an escaped quote of the wrong kind", with("", type: #""\'""#), .broken("an unknown escape")),
        IntakeCase("an escape in capitals", with("", type: #""\U0041""#), .broken("an unknown escape")),
        IntakeCase("a short \\u", with("", type: #""\u12""#), .broken("four hexadecimal digits")),
        IntakeCase("a \\u with other letters", with("", type: #""\u12G4""#), .broken("four hexadecimal digits")),
        IntakeCase("a \\u with a sign", with("", type: #""\u+123""#), .broken("four hexadecimal digits")),
        IntakeCase("a bad second half", with("", type: #""\ud83d\u12""#), .broken("four hexadecimal digits")),
        IntakeCase("a bad escape in passing", with(#""a":["\q"]"#), .broken("an unknown escape")),
        IntakeCase("a no-break space", "\u{A0}" + with(""), .broken("expected a value")),
        IntakeCase("a vertical tab", "\u{B}" + with(""), .broken("expected a value")),
        IntakeCase("a form feed", with("") + "\u{C}", .broken("expected")),
        IntakeCase("a byte order mark", "\u{FEFF}" + with(""), .broken("expected a value")),
        IntakeCase("XML", "<event/>", .broken("expected a value")),
        IntakeCase("a form", "type=t&recipient_id=1", .broken("expected")),
    ]

    /// Bytes that are not UTF-8.
    static let wronglyEncoded: [IntakeCase] =
        [
            ("an overlong slash", [0xC0, 0xAF]), ("an overlong NUL", [0xC0, 0x80]),
            ("a longer overlong NUL", [0xE0, 0x80, 0x80]),
            ("the longest overlong NUL", [0xF0, 0x80, 0x80, 0x80]), ("an encoded surrogate", [0xED, 0xA0, 0x80]),
            ("a pair of encoded surrogates", [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]),
            ("a scalar past the last", [0xF4, 0x90, 0x80, 0x80]),
            ("a byte past the last", [0xF5, 0x80, 0x80, 0x80]), ("five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80]),
            ("a lone continuation", [0x80]), ("two bytes cut", [0xC3]), ("three bytes cut", [0xE2, 0x82]),
            ("four bytes cut", [0xF0, 0x9F, 0x98]), ("Latin-1", [0xE9, 0x20]), ("a mark of UTF-16", [0xFF, 0xFE]),
        ].map { name, bytes in
            IntakeCase(
                name, Array(#"{"type":"t","recipient_id":1,"data":{"a":""#.utf8) + bytes + Array(#""}}"#.utf8),
                .broken("is not valid UTF-8"))
        } + [
            IntakeCase(
                "cut in the middle of a letter", Array(#"{"type":"товар"#.utf8).dropLast() + [],
                .broken("is not valid UTF-8")),
            IntakeCase(
                "UTF-16", Array(with("").utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }),
                .broken("is not valid JSON")),
            IntakeCase("gzip", [0x1F, 0x8B, 0x08, 0x00, 0xFF], .broken("is not valid UTF-8")),
        ]

    static func with(_ members: String, type: String = #""t""#, recipient: String = "1", data: String = "{}") -> String
    {
        IntakeCase.with(members, type: type, recipient: recipient, data: data)
    }
}
