import HTTPTypes
import NIOCore
import SheafCore
import Testing

@testable import SheafHTTP

@Suite("Headers of posted events")
struct EventHeadersTests {
    static let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test(
        "Valid and invalid trace parents are distinguished",
        arguments: [
            (good, true), ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-ab", true), (good + "-ab", false),
            ("ff" + good.dropFirst(2), false), (good.uppercased(), false), (String(good.dropLast()), false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false), ("", false), ("---", false),
        ])
    func traceParent(text: String, isValid: Bool) {
        #expect((EventHeaders(HTTPFields(["traceparent": text])).trace != nil) == isValid)
    }

    @Test(
        "Values of CloudEvents headers are unquoted, then decoded once",
        arguments: [
            ("plain", "plain"), ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"), (#""a b""#, "a b"),
            (#""a\"b\\c""#, #"a"b\c"#), ("100%", "100%"), ("%zz%41", "%zzA"), ("%2541", "%41"), ("", ""),
            ("\"", "\""), ("%+1", "%+1"), ("%EF%BF%BD", "\u{FFFD}"), ("\"\\\u{301}\"", "\u{301}"),
        ])
    func cloudEventHeader(value: String, decoded: String) {
        #expect(CloudEventHeader.decode(value)?.utf8.elementsEqual(decoded.utf8) == true)
    }

    @Test(
        "CloudEvents header values that are not UTF-8, or hold the replacement character, are refused",
        arguments: ["%FF", "%FF-1", "a%C3", "%ED%A0%80", "%C0%80", "\u{FFFD}", "\"a\u{FFFD}\"", "%41\u{FFFD}"])
    func notText(value: String) {
        #expect(CloudEventHeader.decode(value) == nil)
    }

    @Test("Any text round-trips through a header, and other bytes are refused", arguments: 0..<5)
    func encodedBytes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            let bytes =
                (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    [0x22, 0x25, 0x41, 0x5C, 0x80, 0xA9, 0xBD, 0xBF, 0xC3, 0xED, 0xEF, 0xF0, 0xFF].randomElement(
                        using: &random) ?? 0
                } as [UInt8]
            let encoded = bytes.map { "%" + String($0, radix: 16) }.joined()
            let decoded = CloudEventHeader.decode(encoded)
            #expect(decoded.map { Array($0.utf8) } == (String(validating: bytes, as: UTF8.self) == nil ? nil : bytes))
        }
    }

    @Test(
        "Paths are decoded strictly",
        arguments: [
            ("a:b", "a:b"), ("a%3Ab%2Fc", "a:b/c"), ("%2541", "%41"), ("%D0%B0", "а"), ("%FF", nil), ("%", nil),
            ("%4", nil), ("%4g", nil), ("% 1", nil), ("a+b", "a+b"),
            ("%EF%BF%BD", "\u{FFFD}"), ("\u{FFFD}", nil), ("\u{FFFD}%41", nil),
        ])
    func paths(text: String, decoded: String?) {
        #expect(PercentDecoding.decode(text) == decoded)
    }

    @Test("Strings are written as valid JSON")
    func strings() throws {
        let controls = String(String.UnicodeScalarView((0..<0x20).compactMap { Unicode.Scalar($0) }))
        for string in ["", "plain", "quote \" and \\ slash /", controls, "Чайник 🫖 \u{2028}\u{7F}"] {
            var json = JSONText()
            json.add(string: string)
            #expect(try JSON(json.buffer.readableBytesView) == .string(string))
        }
    }
}
