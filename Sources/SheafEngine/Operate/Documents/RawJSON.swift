import Synchronization

/// JSON text that is written into a document unchanged.
///
/// An `Encoder` cannot write raw text. So while ``DocumentEncoder`` encodes, this writes a token, and the encoder then
/// replaces the token by the text. With any other encoder it is a string.
struct RawJSON: Encodable, Sendable {
    let text: String

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(RawJSONTexts.current?.token(for: text) ?? text)
    }
}

/// The raw texts of one document while it is encoded, and the tokens that represent them.
final class RawJSONTexts: Sendable {
    /// The texts of the document that is being encoded.
    @TaskLocal static var current: RawJSONTexts?

    /// A mark that no document contains by chance: 128 random bits.
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
