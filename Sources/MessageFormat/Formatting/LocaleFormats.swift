import Foundation
import Synchronization

/// The cached formats of a language.
final class LocaleFormats: Sendable {
    private static let all = Mutex<[LanguageTag: LocaleFormats]>([:])

    /// The formats of `language`.
    static func of(_ language: LanguageTag) -> LocaleFormats {
        all.withLock { all in
            if let formats = all[language] { return formats }
            let formats = LocaleFormats(language)
            all[language] = formats
            return formats
        }
    }

    let integers: IntegerFormat
    private let locale: Locale
    private let decimals: FloatingPointFormatStyle<Double>
    private let percent: FloatingPointFormatStyle<Double>.Percent
    private let list: ListFormatStyle<StringStyle, [String]>
    private let times = Mutex<[TimeKey: DateFormatter]>([:])

    private struct TimeKey: Hashable {
        let style: TimeStyle
        let timeZone: TimeZone
    }

    private init(_ language: LanguageTag) {
        locale = Locale(identifier: language.text)
        integers = IntegerFormat(locale)
        decimals = FloatingPointFormatStyle(locale: locale).precision(.fractionLength(0...3))
        percent = FloatingPointFormatStyle<Double>.Percent(locale: locale).precision(.fractionLength(0))
        list = ListFormatStyle.list(type: .and, width: .standard).locale(locale)
    }

    func string(_ number: Double) -> String { decimals.format(number) }

    func string(percent number: Double) -> String { percent.format(number) }

    func string(_ number: Double, currency code: String) -> String {
        FloatingPointFormatStyle<Double>.Currency(code: code, locale: locale).format(number)
    }

    func string(_ number: Decimal, currency code: String) -> String {
        Decimal.FormatStyle.Currency(code: code, locale: locale).format(number)
    }

    func string(_ items: [String]) -> String {
        items.count == 1 ? items[0] : list.format(items)
    }

    func string(_ date: Date, _ style: TimeStyle, _ timeZone: TimeZone) -> String {
        let key = TimeKey(style: style, timeZone: timeZone)
        return times.withLock { times in
            if let formatter = times[key] { return formatter.string(from: date) }
            // Zones come from recipients, so there may be too many to keep.
            if times.count >= 64 { times.removeAll() }
            let formatter = DateFormatter(style, locale, timeZone)
            times[key] = formatter
            return formatter.string(from: date)
        }
    }
}

extension DateFormatter {
    fileprivate convenience init(_ style: TimeStyle, _ locale: Locale, _ timeZone: TimeZone) {
        self.init()
        self.locale = locale
        self.timeZone = timeZone
        switch style {
        case .plain: (dateStyle, timeStyle) = (.short, .short)
        case .date(let length): (dateStyle, timeStyle) = (length.style, .none)
        case .time(let length): (dateStyle, timeStyle) = (.none, length.style)
        case .skeleton(let letters): setLocalizedDateFormatFromTemplate(letters)
        }
    }
}

extension TimeLength {
    fileprivate var style: DateFormatter.Style {
        switch self {
        case .short: .short
        case .medium: .medium
        case .long: .long
        case .full: .full
        }
    }
}
