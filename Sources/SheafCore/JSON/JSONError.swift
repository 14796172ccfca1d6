/// Why a text is not JSON, and the place.
struct JSONError: Error, Hashable {
    let message: String
    /// The byte at which the error was found.
    let offset: Int
}
