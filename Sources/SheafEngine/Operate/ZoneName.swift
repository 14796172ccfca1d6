import Foundation
import SheafCore

/// Time zone names of the IANA database.
public enum ZoneName {
    /// Whether the zone exists. Foundation also takes abbreviations such as MSK and UTC offsets, which are no names.
    public static func isKnown(_ name: String) -> Bool {
        guard name.utf8.count <= 64, !name.contains("..") else { return false }
        let isName =
            name == "UTC" || name.contains("/") || TimeZone.knownTimeZoneIdentifiers.contains(name)
            || shortNames.contains(name)
        return isName && TimeZone(identifier: name) != nil
    }

    /// The names without a slash that Foundation takes but does not list: Links of the IANA database's file `backward`.
    private static let shortNames: Set = [
        "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT", "GMT+0", "GMT-0",
        "GMT0",
        "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan", "Kwajalein", "Libya", "MET",
        "MST",
        "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK", "Singapore",
        "Turkey",
        "UCT", "Universal", "W-SU", "WET", "Zulu",
    ]

    /// - Throws: ``SheafError`` `invalid` if IANA knows no such zone.
    static func checked(_ name: String) throws(SheafError) -> String {
        guard isKnown(name) else {
            throw SheafError(
                .invalid, field: "time_zone", "is not a time zone known to IANA; write its name, such as Europe/Moscow")
        }
        return name
    }
}
