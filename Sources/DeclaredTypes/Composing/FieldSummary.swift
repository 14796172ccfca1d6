internal import SheafCore

/// The summary of one field over a window's events, as far as the texts need it.
struct FieldSummary {
    /// The properties of a field that the texts use.
    struct Needs: OptionSet, Hashable, Sendable {
        let rawValue: Int

        static let first = Needs(rawValue: 1)
        static let last = Needs(rawValue: 2)
        static let latest = Needs(rawValue: 4)
        static let distinct = Needs(rawValue: 8)
        static let sum = Needs(rawValue: 16)
    }

    /// How many distinct values a list shows.
    static let listed = 3

    private(set) var first: PayloadScalar?
    private(set) var last: PayloadScalar?
    /// The latest distinct values, newest first.
    private(set) var latest: [PayloadScalar] = []
    private(set) var distinct = 0
    /// Events without a value.
    private(set) var absent = 0
    private(set) var sum = Sum()

    /// The sum of values; whole numbers are clamped to 64 bits.
    struct Sum {
        var integer: Int64 = 0
        var number = 0.0
    }

    /// Goes through the events once, newest first.
    init(of index: Int, in payloads: [PayloadValues], _ needs: Needs) {
        let isComplete = !needs.isDisjoint(with: [.first, .distinct, .sum])
        var seen: Set<DistinctValue> = []
        for payload in payloads.reversed() {
            // Payloads were checked when they were read.
            guard let value = try? payload.optional(at: index) else {
                absent += 1
                continue
            }
            if last == nil { last = value }
            first = value
            if needs.contains(.sum) { add(value) }
            if needs.contains(.distinct) || needs.contains(.latest), seen.insert(DistinctValue(value)).inserted {
                if latest.count < Self.listed { latest.append(value) }
            }
            guard isComplete || needs.contains(.latest) && latest.count < Self.listed else { break }
        }
        distinct = seen.count
    }

    private mutating func add(_ value: PayloadScalar) {
        switch value {
        case .integer(let integer): sum.integer = sum.integer.addingClamped(integer)
        case .number(let number): sum.number += number
        case .text, .boolean: break
        }
    }
}

/// A value that is compared by bytes.
private struct DistinctValue: Hashable {
    private let value: PayloadScalar

    init(_ value: PayloadScalar) { self.value = value }

    static func == (left: Self, right: Self) -> Bool {
        guard case .text(let one) = left.value, case .text(let other) = right.value else {
            return left.value == right.value
        }
        return one.utf8.elementsEqual(other.utf8)
    }

    func hash(into hasher: inout Hasher) {
        guard case .text(let text) = value else { return hasher.combine(value) }
        // Texts that are canonically equal but have different bytes must not share a hash.
        _ = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
