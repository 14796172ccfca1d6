import SheafCore

/// How many items a page may have.
public struct PageLimit: Sendable {
    public let range: ClosedRange<Int>
    /// What is taken if nothing is asked for.
    public let standard: Int

    public static let notifications = PageLimit(range: 1...1000, standard: 20)
    /// Fewer than of others, since each that waits is looked for in its window.
    public static let events = PageLimit(range: 1...100, standard: 20)
    public static let deadLetters = PageLimit(range: 1...1000, standard: 20)
    public static let windows = PageLimit(range: 1...1000, standard: 100)

    /// The number of items to answer with.
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

/// A cursor from the text a page gave out.
/// - Throws: ``SheafError`` `invalid` if no page can have given it out.
func readCursor<Cursor: LosslessStringConvertible>(
    _ text: String?, as _: Cursor.Type = Cursor.self
) throws(SheafError) -> Cursor? {
    guard let text else { return nil }
    guard let cursor = Cursor(text) else {
        throw SheafError(.invalid, field: "after", "expected what `next` of the page before says")
    }
    return cursor
}
