import SheafCore

extension KeyedDecodingContainer {
    /// The whole number of 64 bits at `key` of an event's `data`.
    ///
    /// Foundation forgets where a number stands that does not fit (1.5, or 2^63), so the field is named here.
    func wholeNumber(forKey key: Key) throws -> Int64 {
        do {
            return try decode(Int64.self, forKey: key)
        } catch let error as DecodingError {
            throw error
        } catch {
            throw SheafError(
                .badPayload, field: "data.\(key.stringValue)", "does not fit, expected a whole number of 64 bits")
        }
    }
}
