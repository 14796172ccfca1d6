import Foundation
import Testing

@testable import SheafCore

/// Types are decoded as Foundation decodes them, and refused for the same reasons at the same places.
@Suite("Typed decoding against Foundation")
struct JSONValueDifferentialTests {
    /// What came of decoding.
    private enum Outcome<Value: Equatable>: Equatable {
        case value(Value)
        case fault(String)

        init(_ decode: () throws -> Value) {
            do {
                self = .value(try decode())
            } catch DecodingError.keyNotFound(let key, let context) {
                self = .fault("no \(key.stringValue) in \(Self.path(context))")
            } catch DecodingError.valueNotFound(let type, let context) {
                self = .fault("no \(type) at \(Self.path(context))")
            } catch DecodingError.typeMismatch(let type, let context) {
                self = .fault("not \(type) at \(Self.path(context))")
            } catch DecodingError.dataCorrupted(let context) {
                self = .fault("corrupt at \(Self.path(context))")
            } catch {
                self = .fault("\(error)")
            }
        }

        private static func path(_ context: DecodingError.Context) -> String {
            "/" + context.codingPath.map { "\($0.stringValue)(\($0.intValue ?? -1))" }.joined(separator: "/")
        }

        /// Foundation does not tell where a number stands that does not fit.
        func agrees(with foundation: Self) -> Bool {
            guard case .fault(let message) = self, foundation == .fault("corrupt at /") else {
                return self == foundation
            }
            return message.hasPrefix("corrupt at /")
        }
    }

    /// Numbers that Foundation reads wrongly: of whole ones beyond 2^53 it drops fractions or takes no ".0", and it takes
    /// a zero with an exponent for one that is too small.
    private func isMisread(_ text: String) -> Bool {
        text.contains(/\d{16}.*[.eE]|(?:^|[^\d.])0(?:\.0)?[eE]/)
    }

    private func check<Value: Decodable & Equatable>(_: Value.Type, _ text: String) -> Bool {
        let ours = Outcome { try JSONValue(text: text).decode(Value.self) }
        let foundation = Outcome { try JSONDecoder().decode(Value.self, from: Data(text.utf8)) }
        #expect(ours.agrees(with: foundation) || isMisread(text), "\(text)\n\(ours)\n\(foundation)")
        if case .value = ours { return true }
        return false
    }

    @Test("Documents made at random give the same values and complaints", arguments: 1...20 as ClosedRange<UInt64>)
    func documents(seed: UInt64) {
        var documents = SampleDocuments(seed: seed)
        let good = (0..<100).filter { _ in check(DecodedSample.self, documents.document()) }
        #expect((10...90).contains(good.count))
    }

    @Test("Numbers of every width are the same", arguments: 21...30 as ClosedRange<UInt64>)
    func numbers(seed: UInt64) {
        var documents = SampleDocuments(seed: seed)
        for _ in 0..<100 {
            let text = documents.number()
            _ = check(Int8.self, text)
            _ = check(UInt16.self, text)
            _ = check(Int32.self, text)
            _ = check(Int64.self, text)
            _ = check(UInt64.self, text)
            _ = check(Int128.self, text)
            _ = check(Double.self, text)
            _ = check(Float.self, text)
            _ = check(Decimal.self, text)
        }
    }

    @Test(
        "A value of another kind is refused alike",
        arguments: [
            "null", "5", "1.5", "\"a\"", "true", "[]", "{}", "[5]", "[null]", #"{"a":null}"#, "\"Ж===\"", "\"\"",
        ])
    func kinds(text: String) {
        _ = check(Bool.self, text)
        _ = check(String.self, text)
        _ = check(Int.self, text)
        _ = check(Double.self, text)
        _ = check(Date.self, text)
        _ = check(Data.self, text)
        _ = check(URL.self, text)
        _ = check(Decimal.self, text)
        _ = check(UUID.self, text)
        _ = check([Bool].self, text)
        _ = check([String].self, text)
        _ = check([Int].self, text)
        _ = check([String: Bool].self, text)
        _ = check([String: Bool?].self, text)
    }

    @Test(
        "An array that ends early is told of alike", arguments: ["[]", #"["x"]"#, #"["x",[]]"#, #"[null,"x",[1],{}]"#])
    func ends(text: String) { #expect(!check(DecodedSample.Loose.self, text)) }
}
