import Foundation

/// Strings by code points, as CEL compares and counts them; Swift's own comparison treats canonically equivalent
/// strings as equal. UTF-8 bytes sort in the same order as code points.
extension String {
    private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(utf8).withUnsafeBufferPointer(body)
    }

    /// A byte that continues a code point begins with the bits 10.
    var codePoints: Int { withBytes { bytes in bytes.count { $0 & 0xC0 != 0x80 } } }

    func isSame(as other: String) -> Bool { utf8.count == other.utf8.count && order(to: other) == 0 }

    private static func order(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, _ count: Int
    ) -> Int {
        guard let left = left.baseAddress, let right = right.baseAddress else { return 0 }
        return Int(memcmp(left, right, count))
    }

    /// Negative, zero or positive if this string is before, equal to or after the other.
    func order(to other: String) -> Int {
        withBytes { left in
            other.withBytes { right in
                let shared = Self.order(left, right, min(left.count, right.count))
                return shared != 0 ? shared : left.count - right.count
            }
        }
    }

    func hasBytes(_ part: String, atEnd: Bool) -> Bool {
        withBytes { whole in
            part.withBytes { part in
                atEnd ? whole.suffix(part.count).elementsEqual(part) : whole.starts(with: part)
            }
        }
    }

    /// Whether the string contains the part. Takes time proportional to the sum of their lengths, whatever they hold
    /// (Knuth, Morris and Pratt).
    func hasBytes(_ part: String) -> Bool {
        withBytes { whole in
            part.withBytes { part in
                guard part.count > 0 else { return true }
                guard part.count <= whole.count else { return false }
                // For each position in the part, the length of the longest prefix that ends there.
                var borders = [0]
                var matched = 0
                for place in 1..<part.count {
                    while matched > 0, part[place] != part[matched] { matched = borders[matched - 1] }
                    if part[place] == part[matched] { matched += 1 }
                    borders.append(matched)
                }
                matched = 0
                for place in 0..<whole.count {
                    while matched > 0, whole[place] != part[matched] { matched = borders[matched - 1] }
                    if whole[place] == part[matched] { matched += 1 }
                    if matched == part.count { return true }
                }
                return false
            }
        }
    }
}
