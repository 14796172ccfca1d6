/// Bodies that are JSON.
extension IntakeCorpus {
    /// Members that are missing or of the wrong form.
    static let wrongMembers: [IntakeCase] = [
        IntakeCase("null", "null", .bad(nil, "an event is an object, not null")),
        IntakeCase("true", "true", .bad(nil, "an event is an object, not true or false")),
        IntakeCase("a number", "-1.5e3", .bad(nil, "an event is an object, not a number")),
        IntakeCase("a string", #""hunter2""#, .bad(nil, "an event is an object, not a string")),
        IntakeCase("an empty object", "{}", .bad("type", "is missing")),
        IntakeCase("no type", #"{"recipient_id":1,"data":{}}"#, .bad("type", "is missing")),
        IntakeCase("no recipient", #"{"type":"t","data":{}}"#, .bad("recipient_id", "is missing")),
        IntakeCase("no data", #"{"type":"t","recipient_id":1}"#, .bad("data", "is missing")),
        IntakeCase("members in capitals", #"{"TYPE":"t","recipient_id":1,"data":{}}"#, .bad("type", "is missing")),
        IntakeCase("null as the type", with("", type: "null"), .bad("type", "is missing")),
        IntakeCase("a number as the type", with("", type: "1"), .bad("type", "expected a string, not a number")),
        IntakeCase("true as the type", with("", type: "true"), .bad("type", "expected a string, not true or false")),
        IntakeCase("an array as the type", with("", type: #"["t"]"#), .bad("type", "expected a string, not an array")),
        IntakeCase("an object as the type", with("", type: "{}"), .bad("type", "expected a string, not an object")),
        IntakeCase("null as the recipient", with("", recipient: "null"), .bad("recipient_id", "is missing")),
        IntakeCase(
            "a word as the recipient", with("", recipient: #""x42""#),
            .bad("recipient_id", "expected a whole number, not a string")),
        IntakeCase("a string of digits as the recipient", with("", recipient: #""-9007199254740993""#), .good),
        IntakeCase(
            "a string of too many digits as the recipient", with("", recipient: #""9223372036854775808""#),
            .bad("recipient_id", "64 bits")),
        IntakeCase("an array as the recipient", with("", recipient: "[1]"), .bad("recipient_id", "not an array")),
        IntakeCase("false as the recipient", with("", recipient: "false"), .bad("recipient_id", "not true or false")),
        IntakeCase("a fraction as the recipient", with("", recipient: "1.5"), .bad("recipient_id", "64 bits")),
        IntakeCase("an exponent that makes a fraction", with("", recipient: "15e-1"), .bad("recipient_id", "64 bits")),
        IntakeCase(
            "one more than 64 bits hold", with("", recipient: "9223372036854775808"), .bad("recipient_id", "64 bits")),
        IntakeCase("one less", with("", recipient: "-9223372036854775809"), .bad("recipient_id", "64 bits")),
        IntakeCase(
            "ten thousand digits", with("", recipient: String(repeating: "9", count: 10_000)),
            .bad("recipient_id", "64 bits")),
        IntakeCase("null as data", with("", data: "null"), .bad("data", "is missing")),
        IntakeCase("an array as data", with("", data: "[]"), .bad("data", "expected an object, not an array")),
        IntakeCase("a string as data", with("", data: #""{}""#), .bad("data", "expected an object, not a string")),
        IntakeCase("a number as data", with("", data: "7"), .bad("data", "expected an object, not a number")),
        IntakeCase("an empty identifier", with(#""id":"""#), .bad("id", "is empty")),
        IntakeCase("a number as the identifier", with(#""id":7"#), .bad("id", "expected a string, not a number")),
        IntakeCase(
            "an object as the identifier", with(#""id":{"$oid":"7"}"#), .bad("id", "expected a string, not an object")),
        IntakeCase(
            "an identifier of 201 characters", with(#""id":"\#(String(repeating: "x", count: 201))""#),
            .bad("id", "has more than 200 characters")),
        IntakeCase(
            "an identifier of 201 wide characters", with(#""id":"\#(String(repeating: "🛒", count: 201))""#),
            .bad("id", "has more than 200 characters")),
        IntakeCase(
            "an identifier of 10,000 accents on one letter",
            with(#""id":"e\#(String(repeating: "\u{301}", count: 10_000))""#),
            .bad("id", "has more than 200 characters")),
        IntakeCase(
            "a number as the time", with(#""occurred_at":1795424400"#), .bad("occurred_at", "expected a string")),
        IntakeCase("an empty time", with(#""occurred_at":"""#), .bad("occurred_at", "expected a time")),
        IntakeCase("a time in words", with(#""occurred_at":"hunter2""#), .bad("occurred_at", "expected a time")),
        IntakeCase(
            "a day that is none", with(#""occurred_at":"2026-02-29T00:00:00Z""#), .bad("occurred_at", "expected a time")
        ),
        IntakeCase(
            "a time without its zone", with(#""occurred_at":"2026-11-23T09:00:00""#),
            .bad("occurred_at", "expected a time")),
        IntakeCase(
            "the first of two complaints", #"{"type":1,"recipient_id":"x","data":{}}"#,
            .bad("type", "expected a string")),
    ]

    /// Valid JSON that is refused all the same.
    static let flawed: [IntakeCase] = [
        IntakeCase("a member twice", with(#""type":"u""#), .bad(nil, "a name occurs twice")),
        IntakeCase("a member twice with one value", with(#""type":"t""#), .bad(nil, "a name occurs twice")),
        IntakeCase("an unknown member twice", with(#""x":1,"x":1"#), .bad(nil, "a name occurs twice")),
        IntakeCase(
            "a name twice in data", with("", data: #"{"sale_id":1,"sale_id":2}"#), .bad(nil, "a name occurs twice")),
        IntakeCase(
            "a name twice deep in data", with("", data: #"{"a":[{"b":{"c":1,"d":2,"c":3}}]}"#),
            .bad(nil, "a name occurs twice")),
        IntakeCase(
            "a name twice, once escaped", with("", data: #"{"sale_id":1,"sale\u005fid":2}"#),
            .bad(nil, "a name occurs twice")),
        IntakeCase("the empty name twice", with("", data: #"{"":1,"":2}"#), .bad(nil, "a name occurs twice")),
        IntakeCase(
            "the thousandth name twice", with("", data: names(1000, and: #""n7":0"#)), .bad(nil, "a name occurs twice")),
        IntakeCase("a first half of a pair", with("", type: #""\ud83d""#), .bad(nil, "a lone surrogate")),
        IntakeCase("a second half of a pair", with("", type: #""\ude00""#), .bad(nil, "a lone surrogate")),
        IntakeCase("a pair the wrong way round", with("", type: #""\ude00\ud83d""#), .bad(nil, "a lone surrogate")),
        IntakeCase("two first halves", with("", type: #""\ud83d\ud83d\ude00""#), .bad(nil, "a lone surrogate")),
        IntakeCase("a first half before a letter", with("", type: #""\ud83d\u0041""#), .bad(nil, "a lone surrogate")),
        IntakeCase("a first half before an escape", with("", type: #""\ud83d\n""#), .bad(nil, "a lone surrogate")),
        IntakeCase("a lone surrogate in data", with("", data: #"{"a":["\udfff"]}"#), .bad(nil, "a lone surrogate")),
        IntakeCase("a lone surrogate as a name", with("", data: #"{"\ud800":1}"#), .bad(nil, "a lone surrogate")),
        IntakeCase("an escaped NUL in the identifier", with(#""id":"a\u0000b""#), .bad(nil, "U+0000")),
        IntakeCase("an escaped NUL in data", with("", data: #"{"a":"\u0000"}"#), .bad(nil, "U+0000")),
        IntakeCase("an escaped NUL as a name", with("", data: #"{"\u0000":1}"#), .bad(nil, "U+0000")),
        IntakeCase("arrays 65 deep", with("", data: #"{"a":\#(arrays(65))}"#), .bad(nil, "nested deeper than 64")),
        IntakeCase("objects 65 deep", with("", data: #"{"a":\#(objects(65))}"#), .bad(nil, "nested deeper than 64")),
        IntakeCase(
            "arrays 100,000 deep", with("", data: #"{"a":\#(arrays(100_000))}"#), .bad(nil, "nested deeper than 64")),
        IntakeCase(
            "objects 100,000 deep", with("", data: #"{"a":\#(objects(100_000))}"#), .bad(nil, "nested deeper than 64")),
        IntakeCase(
            "an unknown member 100,000 deep", with(#""x":\#(arrays(100_000))"#), .bad(nil, "nested deeper than 64")),
        IntakeCase(
            "objects 100,000 deep as data", with("", data: objects(100_000)), .bad(nil, "nested deeper than 64")),
        IntakeCase(
            "arrays 100,000 deep as the type", with("", type: arrays(100_000)), .bad(nil, "nested deeper than 64")),
    ]

    /// Unusual but valid.
    static let odd: [IntakeCase] = [
        IntakeCase("the least event", with(""), .good),
        IntakeCase(
            "white space everywhere", " {\t\"type\" : \"t\" ,\r \"recipient_id\" : 1 , \"data\" : { \"a\" : [ ] } } ",
            .good),
        IntakeCase("minus zero as the recipient", with("", recipient: "-0"), .good),
        IntakeCase("the largest recipient", with("", recipient: "9223372036854775807"), .good),
        IntakeCase("the smallest recipient", with("", recipient: "-9223372036854775808"), .good),
        IntakeCase("null as identifier and time", with(#""id":null,"occurred_at":null"#), .good),
        IntakeCase("unknown members", with(#""x":{"type":1},"y":[null,true,false,0.5,-1E+2]"#), .good),
        IntakeCase("escaped names of members", #"{"\u0074ype":"t","recipient\u005Fid":1,"data":{}}"#, .good),
        IntakeCase("a pair of surrogates", with("", type: #""\ud83d\ude00\uD83D\uDE00""#), .good),
        IntakeCase("every escape", with("", type: #""\"\\\/\b\f\n\r\t\u0001\uffff""#), .good),
        IntakeCase("letters of many scripts", with("", type: #""товар 商品 🛒 é""#), .good),
        IntakeCase("a raw DEL", with("", type: "\"\u{7F}\""), .good),
        IntakeCase(
            "a number without bound in data", with("", data: #"{"a":\#(String(repeating: "9", count: 10_000))e99999}"#),
            .good),
        IntakeCase("a fraction that is none", with("", recipient: "1.0"), .good),
        IntakeCase("an exponent as the recipient", with("", recipient: "1e3"), .good),
        IntakeCase("names that only look the same", with("", data: "{\"\u{E9}\":1,\"e\u{301}\":2}"), .good),
        IntakeCase("one name in two objects", with(#""id":"a""#, data: #"{"id":{"id":[{"id":1},{"id":2}]}}"#), .good),
        IntakeCase("a thousand names", with("", data: names(1000, and: #""x":0"#)), .good),
        IntakeCase("arrays 64 deep", with("", data: #"{"a":\#(arrays(64))}"#), .good),
        IntakeCase("objects 64 deep", with("", data: #"{"a":\#(objects(64))}"#), .good),
        IntakeCase(
            "identifiers of the wrong form in data",
            with("", data: #"{"recipient_id":"x","seller_id":[],"event_id":5}"#), .good),
        IntakeCase("an identifier of 200 characters", with(#""id":"\#(String(repeating: "x", count: 200))""#), .good),
        IntakeCase(
            "an identifier of 200 wide characters", with(#""id":"\#(String(repeating: "🛒", count: 200))""#), .good),
        IntakeCase("a leap second", with(#""occurred_at":"2016-12-31T23:59:60Z""#), .good),
        IntakeCase("a mebibyte of text", with("", data: #"{"a":"\#(String(repeating: "x", count: 1 << 20))"}"#), .good),
    ]

    static func arrays(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    static func objects(_ depth: Int) -> String {
        String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
    }

    static func names(_ count: Int, and last: String) -> String {
        "{" + (0..<count).map { #""n\#($0)":0,"# }.joined() + last + "}"
    }
}
