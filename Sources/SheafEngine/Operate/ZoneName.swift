import Foundation
import SheafCore

/// Names of time zones as IANA has them.
public enum ZoneName {
    /// Whether there is such a zone. Abbreviations and distances from UTC are none: they know no summer time.
    public static func isKnown(_ name: String) -> Bool {
        guard name.utf8.count <= 64, !name.contains("..") else { return false }
        let isName = name == "UTC" || name.contains("/") || TimeZone.knownTimeZoneIdentifiers.contains(name)
        return isName && TimeZone(identifier: name) != nil
    }

    /// - Throws: ``SheafError`` `invalid` if IANA knows no such zone.
    static func checked(_ name: String) throws(SheafError) -> String {
        guard isKnown(name) else {
            throw SheafError(
                .invalid, field: "time_zone", "is no zone that IANA knows; write its name, as Europe/Moscow")
        }
        return name
    }
}
