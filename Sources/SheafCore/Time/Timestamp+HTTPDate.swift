extension Timestamp {
    /// An HTTP date in any of its three forms (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, and the
    /// obsolete `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov 6 08:49:37 1994`; `nil` if the text is anything else.
    public init?(httpDate text: String) {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        guard words.count == 6 ? words[5] == "GMT" : words.count == 5 else { return nil }
        let isAscTime = words.count == 5
        let (day, month, year, time) =
            isAscTime ? (words[2], words[1], words[4], words[3]) : (words[1], words[2], words[3], words[4])
        guard let monthIndex = Self.months.firstIndex(of: month), let fullYear = Self.fullYear(year),
            (1...2).contains(day.utf8.count)
        else { return nil }
        func padded(_ text: some StringProtocol) -> String { text.utf8.count == 1 ? "0\(text)" : String(text) }
        self.init("\(fullYear)-\(padded(String(monthIndex + 1)))-\(padded(day))T\(time)Z")
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Two-digit years from 70 on belong to the last century, as usual.
    private static func fullYear(_ text: Substring) -> String? {
        switch text.utf8.count {
        case 4: String(text)
        case 2: (text < "70" ? "20" : "19") + text
        default: nil
        }
    }
}
