/// Prepares values for a text.
public enum MessageText {
    /// The maximum characters of a value.
    public static let maximumCharacters = 200
    /// A character can consist of any number of scalars; at most this many are examined.
    private static let maximumScalars = 4_000

    /// `text` as part of a one-line plain text: without control characters and directional marks, with spaces for line
    /// breaks, limited to 200 characters, and isolated if it has letters that run from right to left.
    public static func clean(_ text: String) -> String {
        if isClean(text) { return text }
        var kept = String.UnicodeScalarView()
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars.prefix(maximumScalars) {
            if isLineBreak(scalar) {
                if !(last == "\r" && scalar == "\n") { kept.append(" ") }
            } else if scalar.properties.generalCategory != .control, !isDirectionControl(scalar) {
                kept.append(scalar)
            }
            last = scalar
        }
        let cut = String(String(kept).prefix(maximumCharacters))
        return cut.unicodeScalars.contains(where: isRightToLeft) ? "\u{2068}\(cut)\u{2069}" : cut
    }

    /// Whether the text is short and printable ASCII.
    private static func isClean(_ text: String) -> Bool {
        text.utf8.count <= maximumCharacters && text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }

    private static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    private static func isDirectionControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x206F: true
        default: false
        }
    }

    /// Letters of the blocks whose scripts run from right to left.
    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF:
            scalar.properties.isAlphabetic && scalar.properties.generalCategory != .nonspacingMark
        default: false
        }
    }
}
