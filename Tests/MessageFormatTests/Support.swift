import Foundation
import MessageFormat
import Testing

/// The language of a tag that is known to be valid.
func language(_ tag: String) throws -> LanguageTag { try #require(LanguageTag(tag), "\(tag)") }

/// The text that a message prints.
func printed(
    _ text: String, _ tag: String, zone: TimeZone = .gmt, _ values: [String: MessageValue] = [:]
) throws -> String {
    try Message(text, language: language(tag)).format(timeZone: zone) { values[$0] }
}

/// The text that an English message prints.
func printed(_ text: String, _ values: [String: MessageValue] = [:]) throws -> String {
    try printed(text, "en", values)
}

/// The mistakes of a text, each with its offset and message.
func mistakes(_ text: String, _ tag: String = "en") throws -> [String] {
    let language = try language(tag)
    do throws(MessageErrors) {
        return try Message(text, language: language).findings().map(\.description)
    } catch {
        return error.all.map(\.description)
    }
}

/// A table file in the tests' folder, as lines of words.
func table(_ name: String) throws -> [[Substring]] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "txt"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { $0.split(separator: " ") }
}

/// Pseudo-random numbers (SplitMix64), the same in every run.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
