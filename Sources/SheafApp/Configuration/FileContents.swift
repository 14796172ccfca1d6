internal import Configuration
internal import Foundation
internal import Synchronization

/// The values of a configuration file, by key.
///
/// The file is parsed by the snapshots of swift-configuration. They cannot list their keys, but call their secrets
/// specifier for each key while parsing; it records the keys.
struct FileContents {
    enum Format { case yaml, json }

    let values: [String: RawValue]
    /// Keys that occur more than once: `store.url` both on its own and as `url` under `store`.
    let doubles: [String]

    /// - Parameter format: `nil` to detect it: a text that begins with a brace is JSON, any other is YAML.
    init(_ data: Data, format: Format?) throws(Rejection) {
        guard let text = String(validating: data, as: UTF8.self) else { throw Rejection("is not UTF-8 text") }
        let notes: KeyNotes
        switch format {
        case .yaml: notes = try Self.yaml(text)
        case .json: notes = try Self.json(text)
        case nil where text.trimmed.first == "{":
            do { notes = try Self.json(text) } catch {
                guard let flow = try? Self.yaml(text) else { throw error }
                notes = flow
            }
        case nil: notes = try Self.yaml(text)
        }
        (values, doubles) = notes.contents
    }

    private static func yaml(_ text: String) throws(Rejection) -> KeyNotes {
        let notes = KeyNotes()
        // The snapshot refuses a file without any key.
        if text.isBlankYAML { return notes }
        let options = YAMLSnapshot.ParsingOptions(
            secretsSpecifier: .dynamic { key, _ in
                notes.add(key)
                return true
            })
        do {
            let snapshot = try YAMLSnapshot(data: Data(text.utf8).bytes, providerName: "file", parsingOptions: options)
            notes.fill { key in
                let key = AbsoluteConfigKey([key])
                if case .string(let text)? = try? snapshot.value(forKey: key, type: .string).value?.content {
                    // A null in YAML counts as a missing key, as in JSON.
                    return text == "null" || text == "~" ? nil : .text(text)
                }
                if case .stringArray(let entries)? = try? snapshot.value(forKey: key, type: .stringArray).value?.content
                {
                    return .list(entries)
                }
                return nil
            }
            return notes
        } catch { throw .malformedYAML(error) }
    }

    private static func json(_ text: String) throws(Rejection) -> KeyNotes {
        let notes = KeyNotes()
        // The snapshot returns a Boolean as a number if asked for text; the value recorded here is still a Boolean.
        let options = JSONSnapshot.ParsingOptions(
            secretsSpecifier: .dynamic { key, value in
                notes.add(key, RawValue(json: value))
                return true
            })
        do {
            _ = try JSONSnapshot(data: Data(text.utf8).bytes, providerName: "file", parsingOptions: options)
            return notes
        } catch { throw .malformedJSON(error, in: text) }
    }
}

/// Records the keys of a file as they are found.
private final class KeyNotes: Sendable {
    private let notes = Mutex<[(key: String, value: RawValue?)]>([])

    func add(_ key: String, _ value: RawValue? = nil) { notes.withLock { $0.append((key, value)) } }

    /// Reads the values of the keys.
    func fill(_ value: (String) -> RawValue?) {
        notes.withLock { notes in notes = notes.map { ($0.key, value($0.key)) } }
    }

    var contents: (values: [String: RawValue], doubles: [String]) {
        notes.withLock { notes in
            var values: [String: RawValue] = [:]
            var doubles: Set<String> = []
            for case (let key, let value?) in notes {
                if values.updateValue(value, forKey: key) != nil { doubles.insert(key) }
            }
            return (values, doubles.sorted())
        }
    }
}

extension RawValue {
    /// A value of JSON; numbers and Booleans as in JSON.
    fileprivate init?(json value: any Sendable) {
        switch value {
        case let text as String: self = .text(text)
        case let entries as [any Sendable]: self = .list(entries.compactMap { RawValue(json: $0)?.scalar })
        default:
            guard let data = try? JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed) else {
                return nil
            }
            self = .text(String(decoding: data, as: UTF8.self))
        }
    }

    private var scalar: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }
}

extension String {
    /// Whether the file holds only comments and document markers.
    fileprivate var isBlankYAML: Bool {
        split(whereSeparator: \.isNewline).map(\.trimmed).allSatisfy {
            $0.isEmpty || $0.hasPrefix("#") || $0 == "---" || $0 == "..." || $0 == "\u{FEFF}"
        }
    }
}
