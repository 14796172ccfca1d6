// Values from producers and services, made safe for texts that people read.

extension String {
    /// The text as a value inside another text: ``withoutControls``, of bounded length, and isolated if any of it runs
    /// from right to left, so that it cannot reorder the text around it (UAX #9, section 2.7).
    ///
    /// - Parameters:
    ///   - limit: the maximum code points to keep; a character of several code points is divided only if it alone
    ///     exceeds the limit.
    ///   - ending: replaces what was cut off, and counts towards `limit`.
    public func asValue(limit: Int = 200, ending: String = "") -> String {
        let text = withoutControls.cut(to: limit, ending)
        return text.unicodeScalars.contains(where: \.isRightToLeft) ? "\u{2068}\(text)\u{2069}" : text
    }

    /// The text without control characters and directional marks. Line breaks and tabs become spaces.
    public var withoutControls: String {
        var result = UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in unicodeScalars {
            defer { previous = scalar }
            if scalar.isBreak {
                if !(previous == "\r" && scalar == "\n") { result.append(" ") }
            } else if scalar.properties.generalCategory != .control, !scalar.isDirectionalMark {
                result.append(scalar)
            }
        }
        return String(result)
    }

    private func cut(to limit: Int, _ ending: String) -> String {
        guard unicodeScalars.count > limit else { return self }
        let room = limit - ending.unicodeScalars.count
        var kept = ""
        var count = 0
        for character in self {
            count += character.unicodeScalars.count
            guard count <= room else { break }
            kept.append(character)
        }
        if kept.isEmpty { kept = String(UnicodeScalarView(unicodeScalars.prefix(room))) }
        return kept + ending
    }
}

extension Unicode.Scalar {
    /// A tab, or a character that ends a line (UAX #14, classes BK, CR, LF and NL).
    fileprivate var isBreak: Bool {
        switch value {
        case 0x09...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// An invisible character that changes the order of the text around it (UAX #9, section 2). This includes the marks
    /// U+061C, U+200E and U+200F: isolated text needs none, and in other text they would count as letters of their
    /// direction.
    fileprivate var isDirectionalMark: Bool {
        switch value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Whether the character lies in a range that by default runs from right to left (UAX #44, DerivedBidiClass:
    /// classes R and AL). Some characters in these ranges do not; isolating them does no harm.
    fileprivate var isRightToLeft: Bool {
        switch value {
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        default: false
        }
    }
}
