import FoundationEssentials
import NIOCore

/// A collector's response to an accepted batch (https://opentelemetry.io/docs/specs/otlp/#partial-success-1). Rejected
/// spans must not be sent again.
struct OTLPResponse: Decodable {
    private struct PartialSuccess: Decodable {
        enum CodingKeys: CodingKey { case rejectedSpans }

        let rejectedSpans: Int64

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            // Protocol Buffers writes 64-bit integers in JSON as strings, but numbers are accepted too.
            let text = try? container.decode(String.self, forKey: .rejectedSpans)
            rejectedSpans =
                try text.flatMap { Int64($0) } ?? container.decodeIfPresent(Int64.self, forKey: .rejectedSpans) ?? 0
        }
    }

    private let partialSuccess: PartialSuccess?

    /// How many of `count` spans were rejected; none if the response does not report it.
    static func rejectedSpans(_ answer: ByteBuffer?, of count: Int) -> Int {
        guard let answer,
            let response = try? JSONDecoder().decode(Self.self, from: Data(answer.readableBytesView)),
            let rejected = response.partialSuccess?.rejectedSpans
        else { return 0 }
        return Int(min(max(rejected, 0), Int64(count)))
    }
}
