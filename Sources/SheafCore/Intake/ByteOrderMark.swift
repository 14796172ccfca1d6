extension [UInt8] {
    /// Removes a UTF-8 byte order mark from the beginning. Some editors and programs write it before JSON, and readers
    /// may ignore it (RFC 8259, section 8.1).
    public mutating func removeByteOrderMark() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if starts(with: mark) { removeFirst(mark.count) }
    }
}
