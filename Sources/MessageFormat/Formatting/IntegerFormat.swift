import Foundation

/// How a locale prints whole numbers, derived from Foundation's output for a few numbers.
///
/// Printing then needs no formatter.
struct IntegerFormat: Sendable {
    /// The digits 0...9, if they are not the Latin ones.
    private let digits: [String]?
    /// The separator between groups of digits; nil if there are no groups.
    private let separator: String?
    /// The number of digits in the last group, and in the groups before it.
    private let (lastGroup, group): (Int, Int)
    /// The smallest number of digits that is divided into groups.
    private let leastGrouped: Int
    /// Whether numbers below 1,000 are printed in Latin digits without groups.
    private let isSmallPlain: Bool
    private let (negativePrefix, negativeSuffix): (String, String)

    init(_ locale: Locale) {
        let style = IntegerFormatStyle<Int64>(locale: locale)
        let plain = style.grouping(.never).format(1_234_567_890).map(String.init)
        let found = plain.count == 10 ? [plain[9]] + plain[0..<9] : (0...9).map(String.init)
        digits = found == (0...9).map(String.init) ? nil : found

        var groups: [Int] = [0]
        var separator: String?
        for character in style.format(1_234_567_890_123_456_789) {
            if found.contains(String(character)) {
                groups[groups.count - 1] += 1
            } else {
                if groups.last != 0 { groups.append(0) }
                separator = separator ?? String(character)
            }
        }
        self.separator = groups.count > 1 ? separator : nil
        lastGroup = groups.last ?? 3
        group = groups.count > 2 ? groups[groups.count - 2] : lastGroup
        // Some languages print 1234, but 12 345.
        var (count, power) = (1, Int64(1))
        while count < 18, style.format(power).count == count { (count, power) = (count + 1, power * 10) }
        leastGrouped = count
        isSmallPlain = digits == nil && (self.separator == nil || leastGrouped > 3)

        let one = found[1]
        let negative = style.format(-1)
        let parts = negative.components(separatedBy: one)
        (negativePrefix, negativeSuffix) = parts.count == 2 ? (parts[0], parts[1]) : ("-", "")
    }

    func write(_ number: Int64, to output: inout String) {
        if number < 0 { output += negativePrefix }
        let magnitude = number.magnitude
        if magnitude < 1_000, isSmallPlain {
            output += Self.small[Int(magnitude)]
        } else {
            writeGrouped(magnitude, to: &output)
        }
        if number < 0 { output += negativeSuffix }
    }

    /// 0...999 in Latin digits, which are most numbers in most texts.
    private static let small = (0..<1_000).map(String.init)

    private func writeGrouped(_ magnitude: UInt64, to output: inout String) {
        let latin = String(magnitude).utf8
        let count = latin.count
        for (place, digit) in latin.enumerated() {
            let rest = count - place
            if let separator, place > 0, count >= leastGrouped, rest >= lastGroup,
                (rest - lastGroup).isMultiple(of: group)
            {
                output += separator
            }
            if let digits {
                output += digits[Int(digit - UInt8(ascii: "0"))]
            } else {
                output.unicodeScalars.append(Unicode.Scalar(digit))
            }
        }
    }
}
