/// A name that is told from others by its code points (RFC 8259, section 8.3), not by what it looks like. So is its
/// hash: thousands of names that are canonically the same must not share one.
struct JSONName: Hashable {
    let text: String

    static func == (left: Self, right: Self) -> Bool {
        left.text == right.text && left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        _ = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
