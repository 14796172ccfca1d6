import HTTPTypes
import SheafCore

/// The headers of posted events, read in one pass.
struct EventHeaders {
    /// The form of a body.
    enum Format: Hashable {
        case json
        case lines
        case cloudEvents
        /// Attributes in headers, data in the body.
        case binaryCloudEvent
    }

    private var contentType: String?
    private var hasTwoContentTypes = false
    private var contentEncodings: [String] = []
    private var traceParent: String?
    private var traceState: [String] = []
    private var cloudEvent = CloudEventAttributes()

    init(_ headers: HTTPFields) {
        for header in headers {
            switch header.name.canonicalName {
            case "content-type":
                hasTwoContentTypes = contentType != nil
                contentType = header.value
            case "content-encoding": contentEncodings.append(header.value)
            case "traceparent": traceParent = header.value
            case "tracestate": traceState.append(header.value)
            case let name where name.utf8.starts(with: "ce-".utf8):
                cloudEvent.add(String(name.dropFirst(3)), CloudEventHeader.decode(header.value))
            default: break
            }
        }
    }

    /// The attributes of a CloudEvent in binary mode, by name.
    ///
    /// - Throws: ``SheafError`` `invalid` if one occurs twice or is not UTF-8.
    func attributes() throws(SheafError) -> [String: String] { try cloudEvent.values() }

    /// The request's trace, if its headers name one. Several `tracestate` headers are one list.
    var trace: TraceContext? {
        traceParent.flatMap { TraceContext(parent: $0, state: traceState.joined(separator: ",")) }
    }

    /// The body's compression.
    ///
    /// - Throws: ``APIError`` 415 for unsupported ones.
    func coding() throws(APIError) -> ContentCoding {
        if contentEncodings.isEmpty { return .identity }
        let names = contentEncodings.flatMap { $0.lowercased().split(separator: ",") }
            .map { $0.trimming(while: \.isWhitespace) }
        switch names.filter({ !$0.isEmpty && $0 != "identity" }) {
        case []: return .identity
        // Both names mean the same (RFC 9110, section 8.4.1.3).
        case ["gzip"], ["x-gzip"]: return .gzip
        default:
            var error = APIError.unsupportedMediaType("a body must be uncompressed, or compressed once by gzip")
            error.acceptEncoding = "gzip"
            throw error
        }
    }

    /// - Throws: ``APIError`` 415 for unsupported types, 400 for two headers that may contradict each other.
    func format() throws(APIError) -> Format {
        if hasTwoContentTypes { throw APIError(SheafError(.invalid, "Content-Type occurs twice in the headers")) }
        // The usual requests need no parsing.
        if cloudEvent.isEmpty, contentType == nil || contentType == "application/json" { return .json }
        let type = MediaTypeText(contentType ?? "application/json")
        guard type.isUTF8 else { throw .unsupportedMediaType("a body must be UTF-8") }
        switch type.name {
        case "application/cloudevents+json", "application/cloudevents-batch+json": return .cloudEvents
        case let name where Self.lines.contains(name) && cloudEvent.isEmpty: return .lines
        case let name where name == "application/json" || type.isKindOfJSON:
            return cloudEvent.isEmpty ? .json : .binaryCloudEvent
        default:
            throw .unsupportedMediaType(
                "expected application/json or another kind of it (application/…+json), application/x-ndjson, "
                    + "application/cloudevents+json or application/cloudevents-batch+json")
        }
    }

    /// The names of newline-delimited JSON; none is registered.
    private static let lines: Set = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
}

/// The compression of a body.
enum ContentCoding: Hashable {
    case identity, gzip
}

/// The parts of a `Content-Type` that matter here (RFC 9110, section 8.3.1).
struct MediaTypeText {
    /// Type and subtype in lower case.
    let name: String
    /// Whether the `charset` is missing, UTF-8 or a subset of UTF-8.
    let isUTF8: Bool

    init(_ text: String) {
        let parts = text.lowercased().split(separator: ";").map { $0.trimming(while: \.isWhitespace) }
        name = parts.first.map { String($0) } ?? ""
        isUTF8 = parts.dropFirst().allSatisfy { parameter in
            let sides = parameter.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0].trimming(while: \.isWhitespace) == "charset" else { return true }
            let charset = sides[1].trimming(while: \.isWhitespace).filter { $0 != "\"" }
            return charset == "utf-8" || charset == "utf8" || charset == "us-ascii"
        }
    }

    /// Whether the subtype ends in `+json` (RFC 6839, section 3.1). Unknown subtypes of CloudEvents do not count.
    var isKindOfJSON: Bool {
        let (top, suffix) = ("application/", "+json")
        return name.hasPrefix(top) && name.hasSuffix(suffix) && name.utf8.count > top.utf8.count + suffix.utf8.count
            && !name.hasPrefix("application/cloudevents")
    }
}

extension Substring {
    fileprivate func trimming(while isRemoved: (Character) -> Bool) -> Substring {
        var text = self
        while text.first.map(isRemoved) == true { text.removeFirst() }
        while text.last.map(isRemoved) == true { text.removeLast() }
        return text
    }
}

/// The values of CloudEvents' HTTP headers (CloudEvents HTTP Protocol Binding 1.0.2, section 3.1.3.2).
enum CloudEventHeader {
    /// Removes quotes and resolves their escapes, then percent-decodes the value once. A percent sign that begins no
    /// escape stays. `nil` if the result is not UTF-8.
    static func decode(_ value: String) -> String? {
        PercentDecoding.decode(unquoted(value), brokenEscapes: .kept)
    }

    private static func unquoted(_ value: String) -> String {
        let quote: Unicode.Scalar = "\""
        let scalars = value.unicodeScalars
        guard scalars.count >= 2, scalars.first == quote, scalars.last == quote else { return value }
        var result = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in scalars.dropFirst().dropLast() {
            if scalar == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(scalar)
                isEscaped = false
            }
        }
        return String(result)
    }
}
