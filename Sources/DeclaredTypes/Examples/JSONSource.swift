internal import Foundation

/// JSON as the readers of files take it: scalars as texts, without places; what is null is absent.
struct JSONSource: Decodable {
    private let node: SourceNode?

    /// - Returns: `nil` if `json` is no JSON, or null.
    static func node(of json: String) -> SourceNode? {
        try? JSONDecoder().decode(JSONSource.self, from: Data(json.utf8)).node
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            node = nil
        } else if let value = try? container.decode(Bool.self) {
            node = Self.text(String(value))
        } else if let value = try? container.decode(Int64.self) {
            node = Self.text(String(value))
        } else if let value = try? container.decode(Double.self) {
            node = Self.text(String(value))
        } else if let value = try? container.decode(String.self) {
            node = Self.text(value)
        } else if let elements = try? container.decode([JSONSource].self) {
            node = .list(elements.compactMap(\.node), .start)
        } else {
            let members = try container.decode([String: JSONSource].self)
            node = .members(
                members.sorted { $0.key < $1.key }.compactMap { name, value in
                    value.node.map { SourceMember(name: SourceText(name, at: .start), value: $0) }
                }, .start)
        }
    }

    private static func text(_ text: String) -> SourceNode { .text(SourceText(text, at: .start)) }
}
