/// A text as a key, compared by bytes as in databases: `String` treats the two normal forms of é as equal.
struct ExactText: Hashable, Sendable {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }
}
