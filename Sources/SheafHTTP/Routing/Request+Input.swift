import Hummingbird
import SheafCore

extension APIContext {
    /// A part of the path, percent-decoded once; what is not UTF-8 names nothing.
    func pathPart(_ name: String) throws(APIError) -> String {
        guard let part = parameters.get(name), let text = PercentDecoding.decode(part) else { throw .notFound }
        return text
    }

    /// The recipient in the path.
    func recipient() throws(APIError) -> RecipientID {
        guard let recipient = RecipientID(try pathPart("id")) else { throw .notFound }
        return recipient
    }
}

extension Request {
    /// A parameter of the query; an empty one counts as none.
    func query(_ name: String) -> String? {
        uri.queryParameters[name[...]].flatMap { $0.isEmpty ? nil : String($0) }
    }

    /// A whole number in the query.
    func number(_ name: String) throws(SheafError) -> Int? {
        guard let text = query(name) else { return nil }
        guard let number = Int(text) else { throw SheafError(.invalid, field: name, "expected a whole number") }
        return number
    }

    /// A yes or no in the query, `false` where it is left out.
    func flag(_ name: String) throws(SheafError) -> Bool {
        switch query(name) {
        case nil, "false", "0": return false
        case "true", "1": return true
        default: throw SheafError(.invalid, field: name, "expected true or false")
        }
    }
}
