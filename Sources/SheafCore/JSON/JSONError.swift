/// Why a text is not JSON, and where.
struct JSONError: Error, Hashable {
    let message: String
    /// The byte at which it was noticed.
    let offset: Int
}
