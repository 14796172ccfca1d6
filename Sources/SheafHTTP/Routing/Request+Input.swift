import Hummingbird
import SheafCore

extension APIContext {
    /// A part of the path, percent-decoded once; 404 if it is not UTF-8 or holds U+0000.
    func pathPart(_ name: String) throws(APIError) -> String {
        guard let part = parameters.get(name), let text = PercentDecoding.decode(part), !text.utf8.contains(0) else {
            throw .notFound
        }
        return text
    }

    /// The recipient in the path.
    func recipient() throws(APIError) -> RecipientID {
        guard let recipient = RecipientID(try pathPart("id")) else { throw .notFound }
        return recipient
    }
}

extension Request {
    /// A query parameter, percent-decoded once; an empty one counts as missing.
    func query(_ name: String) throws(SheafError) -> String? {
        var found: Substring?
        for parameter in uri.query?.utf8.split(separator: UInt8(ascii: "&")) ?? [] {
            let sides = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides[0].elementsEqual(name.utf8) else { continue }
            guard found == nil else { throw SheafError(.invalid, field: name, "occurs twice in the query") }
            found = sides.count == 2 ? Substring(sides[1]) : ""
        }
        guard let found, !found.isEmpty else { return nil }
        guard let text = PercentDecoding.decode(String(found)) else {
            throw SheafError(.invalid, field: name, "is not percent-encoded UTF-8")
        }
        return text
    }

    /// A whole number in the query.
    func number(_ name: String) throws(SheafError) -> Int? {
        guard let text = try query(name) else { return nil }
        guard let number = Int(text) else { throw SheafError(.invalid, field: name, "expected a whole number") }
        return number
    }

    /// A boolean in the query; `false` if it is missing.
    func flag(_ name: String) throws(SheafError) -> Bool {
        switch try query(name) {
        case nil, "false", "0": return false
        case "true", "1": return true
        default: throw SheafError(.invalid, field: name, "expected true or false")
        }
    }
}
