import FoundationEssentials
import NIOCore

/// What a collector says of a batch that it took
/// (https://opentelemetry.io/docs/specs/otlp/#partial-success-1). Rejected spans are not to be sent again.
struct OTLPResponse: Decodable {
    private struct PartialSuccess: Decodable {
        enum CodingKeys: CodingKey { case rejectedSpans }

        let rejectedSpans: Int64

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            // 64 bits are text in the JSON of Protocol Buffers, and a number is taken, too.
            let text = try? container.decode(String.self, forKey: .rejectedSpans)
            rejectedSpans =
                try text.flatMap { Int64($0) } ?? container.decodeIfPresent(Int64.self, forKey: .rejectedSpans) ?? 0
        }
    }

    private let partialSuccess: PartialSuccess?

    /// How many of `count` spans were rejected: none if the answer does not say so.
    static func rejectedSpans(_ answer: ByteBuffer?, of count: Int) -> Int {
        guard let answer,
            let response = try? JSONDecoder().decode(Self.self, from: Data(answer.readableBytesView)),
            let rejected = response.partialSuccess?.rejectedSpans
        else { return 0 }
        return Int(min(max(rejected, 0), Int64(count)))
    }
}
