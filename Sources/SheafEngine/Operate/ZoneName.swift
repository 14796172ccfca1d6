import Foundation

/// Names of time zones as IANA has them.
public enum ZoneName {
    /// Whether there is such a zone. Abbreviations and distances from UTC are none: they know no summer time.
    public static func isKnown(_ name: String) -> Bool {
        guard name.utf8.count <= 64, !name.contains("..") else { return false }
        let isName = name == "UTC" || name.contains("/") || TimeZone.knownTimeZoneIdentifiers.contains(name)
        return isName && TimeZone(identifier: name) != nil
    }
}
