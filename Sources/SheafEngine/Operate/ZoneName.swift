import Foundation
import SheafCore

/// Time zone names of the IANA database.
public enum ZoneName {
    /// Whether the zone exists. Abbreviations and UTC offsets are refused, since they have no daylight saving time.
    public static func isKnown(_ name: String) -> Bool {
        guard name.utf8.count <= 64, !name.contains("..") else { return false }
        let isName = name == "UTC" || name.contains("/") || TimeZone.knownTimeZoneIdentifiers.contains(name)
        return isName && TimeZone(identifier: name) != nil
    }

    /// - Throws: ``SheafError`` `invalid` if IANA knows no such zone.
    static func checked(_ name: String) throws(SheafError) -> String {
        guard isKnown(name) else {
            throw SheafError(
                .invalid, field: "time_zone", "is not a time zone known to IANA; write its name, such as Europe/Moscow")
        }
        return name
    }
}
