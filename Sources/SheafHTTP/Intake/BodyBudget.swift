import SheafCore
import Synchronization

/// Limits the bytes of bodies held at once, over all requests.
final class BodyBudget: Sendable {
    private let limit: Int
    private let held = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// - Throws: ``APIError`` 503 if there is no room for `bytes`; nothing is then taken.
    func take(_ bytes: Int) throws(APIError) {
        guard held.add(bytes, ordering: .relaxed).newValue <= limit else {
            held.subtract(bytes, ordering: .relaxed)
            throw .noRoom(limit)
        }
    }

    func giveBack(_ bytes: Int) { held.subtract(bytes, ordering: .relaxed) }
}

extension APIError {
    fileprivate static func noRoom(_ limit: Int) -> APIError {
        var error = APIError(SheafError(.overloaded, "bodies of more than \(limit) bytes are in progress"))
        error.closesConnection = true
        return error
    }
}
