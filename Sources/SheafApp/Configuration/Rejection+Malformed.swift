internal import Foundation
internal import Yams

extension Rejection {
    /// Why a YAML file cannot be read. The parsers' own descriptions quote the line, which may hold a secret; only
    /// libyaml's fixed texts are used.
    static func malformedYAML(_ error: any Error) -> Rejection {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let meanwhile = context.map { ", \($0.text)" } ?? ""
            return Rejection("line \(mark.line), column \(mark.column): is not YAML: \(problem)\(meanwhile)")
        case .duplicatedKeysInMapping(let keys, let context):
            return Rejection(
                "line \(context.mark.line): \(keys.sorted().formatted(last: "and")) is in the file twice")
        case .some: return Rejection("is not YAML")
        // The snapshot's own errors name keys but no values.
        case nil: return Rejection("is not laid out as settings: \(error)")
        }
    }

    /// Why a JSON file cannot be read.
    static func malformedJSON(_ error: any Error, in text: String) -> Rejection {
        guard (error as NSError).domain == NSCocoaErrorDomain else {
            return Rejection("is not laid out as settings: \(error)")
        }
        let detail = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? ""
        guard let match = detail.firstMatch(of: /around character (\d+)/), let offset = Int(match.1) else {
            return Rejection("is not JSON; its end may be missing")
        }
        let before = text.utf8.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
        return Rejection("line \(line), column \(column): is not JSON")
    }
}
