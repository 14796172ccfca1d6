import Synchronization

/// JSON text that stands in a document exactly as it is.
///
/// An `Encoder` cannot write text of its own, so while ``DocumentEncoder`` works a token is written, and the text put
/// in the token's place afterwards; with any other encoder it is a string.
struct RawJSON: Encodable, Sendable {
    let text: String

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(RawJSONTexts.current?.token(for: text) ?? text)
    }
}

/// The raw texts of one document while it is encoded, and the tokens that stand for them.
final class RawJSONTexts: Sendable {
    /// The texts of the document that is being encoded.
    @TaskLocal static var current: RawJSONTexts?

    /// What no document holds by chance: 128 random bits.
    private let mark = "raw-\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))-"
    private let texts = Mutex<[String]>([])

    func token(for text: String) -> String {
        texts.withLock { texts in
            texts.append(text)
            return mark + String(texts.count - 1)
        }
    }

    /// `bytes` with each token, quotes included, replaced by its text.
    func inserted(into bytes: [UInt8]) -> [UInt8] {
        texts.withLock { texts in
            var bytes = bytes
            for (index, text) in texts.enumerated() {
                guard let range = bytes.firstRange(of: Array("\"\(mark)\(index)\"".utf8)) else { continue }
                bytes.replaceSubrange(range, with: text.utf8)
            }
            return bytes
        }
    }
}
