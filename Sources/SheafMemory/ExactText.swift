/// A text as a key, byte by byte as databases compare it: for `String` the two normal forms of é are the same.
struct ExactText: Hashable, Sendable {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }
}
