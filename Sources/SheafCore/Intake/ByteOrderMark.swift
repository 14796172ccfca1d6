extension [UInt8] {
    /// Takes one byte order mark of UTF-8 off the beginning. Some editors and programs write it before JSON, and readers
    /// may pass over it (RFC 8259, section 8.1).
    public mutating func removeByteOrderMark() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if starts(with: mark) { removeFirst(mark.count) }
    }
}
