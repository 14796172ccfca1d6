import SheafCore

/// How many items a page may have.
public struct PageLimit: Sendable {
    public let range: ClosedRange<Int>
    /// The limit if the client names none.
    public let standard: Int

    public static let notifications = PageLimit(range: 1...1000, standard: 20)
    /// Fewer than for other lists, since each waiting event is looked up in its window.
    public static let events = PageLimit(range: 1...100, standard: 20)
    public static let deadLetters = PageLimit(range: 1...1000, standard: 20)
    public static let windows = PageLimit(range: 1...1000, standard: 100)

    /// The number of items to return.
    /// - Throws: ``SheafError`` `invalid` if `limit` is out of range.
    func checked(_ limit: Int?) throws(SheafError) -> Int {
        guard let limit else { return standard }
        guard range.contains(limit) else {
            throw SheafError(
                .invalid, field: "limit", "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return limit
    }
}

/// Reads the cursor that a page returned.
/// - Throws: ``SheafError`` `invalid` if no page can have returned it.
func readCursor<Cursor: LosslessStringConvertible>(
    _ text: String?, as _: Cursor.Type = Cursor.self
) throws(SheafError) -> Cursor? {
    guard let text else { return nil }
    guard let cursor = Cursor(text) else {
        throw SheafError(.invalid, field: "after", "expected the `next` of the previous page")
    }
    return cursor
}
