/// A member name, compared and hashed by its code points (RFC 8259, section 8.3) and not by canonical equivalence.
/// Otherwise thousands of canonically equal names could share one hash.
struct JSONName: Hashable {
    let text: String

    static func == (left: Self, right: Self) -> Bool {
        left.text == right.text && left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        _ = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
