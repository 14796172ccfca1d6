import HTTPTypes
import SheafCore

/// What the headers of posted events say, gathered in one pass.
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
    private var contentEncoding: String?
    private var traceParent: String?
    private var traceState: [String] = []
    private var cloudEvent = CloudEventAttributes()

    init(_ headers: HTTPFields) {
        for header in headers {
            switch header.name.canonicalName {
            case "content-type":
                hasTwoContentTypes = contentType != nil
                contentType = header.value
            case "content-encoding": contentEncoding = header.value
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
    /// - Throws: ``SheafError`` `invalid` if one stands twice or is not UTF-8.
    func attributes() throws(SheafError) -> [String: String] { try cloudEvent.values() }

    /// The trace the request belongs to, where it says so. Several headers `tracestate` are one list.
    var trace: TraceContext? {
        traceParent.flatMap { TraceContext(parent: $0, state: traceState.joined(separator: ",")) }
    }

    /// - Throws: ``APIError`` 415 for what is not taken, 400 for two headers that may contradict each other.
    func format() throws(APIError) -> Format {
        if hasTwoContentTypes { throw APIError(SheafError(.invalid, "Content-Type stands twice in the headers")) }
        if let contentEncoding, contentEncoding.lowercased() != "identity" {
            throw .unsupportedMediaType("a compressed body is not taken")
        }
        // What nearly all send needs no taking apart.
        if cloudEvent.isEmpty, contentType == nil || contentType == "application/json" { return .json }
        let type = MediaTypeText(contentType ?? "application/json")
        guard type.isUTF8 else { throw .unsupportedMediaType("a body is taken in UTF-8 only") }
        switch type.name {
        case "application/json": return cloudEvent.isEmpty ? .json : .binaryCloudEvent
        case "application/x-ndjson" where cloudEvent.isEmpty: return .lines
        case "application/cloudevents+json", "application/cloudevents-batch+json": return .cloudEvents
        default:
            throw .unsupportedMediaType(
                "expected application/json, application/x-ndjson, application/cloudevents+json or "
                    + "application/cloudevents-batch+json")
        }
    }
}

/// The parts of a `Content-Type` that matter here (RFC 9110, section 8.3.1).
struct MediaTypeText {
    /// Type and subtype in lower case.
    let name: String
    /// Whether the `charset`, where there is one, is UTF-8 or a part of it.
    let isUTF8: Bool

    init(_ text: String) {
        let parts = text.lowercased().split(separator: ";").map { Self.trimmed($0) }
        name = parts.first.map { String($0) } ?? ""
        isUTF8 = parts.dropFirst().allSatisfy { parameter in
            let sides = parameter.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, Self.trimmed(sides[0]) == "charset" else { return true }
            let charset = Self.trimmed(sides[1]).filter { $0 != "\"" }
            return charset == "utf-8" || charset == "utf8" || charset == "us-ascii"
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

/// The values of CloudEvents' HTTP headers (CloudEvents HTTP Protocol Binding 1.0.2, section 3.1.3.2).
enum CloudEventHeader {
    /// Quotes are taken off and their escapes resolved, then the value is percent-decoded once; a percent sign that
    /// begins no escape stays. `nil` if that is not UTF-8.
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
