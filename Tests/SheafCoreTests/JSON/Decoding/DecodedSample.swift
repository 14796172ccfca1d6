import Foundation

/// A type with all that types are decoded from, in themselves and within each other.
struct DecodedSample: Decodable, Equatable {
    enum Choice: String, Decodable { case one, two }
    enum Grade: Int, Decodable { case low, high = 7 }

    /// Numbers of all widths.
    struct Numbers: Decodable, Equatable {
        let a: Int8?
        let b: Int16?
        let c: Int32?
        let d: Int64?
        let e: Int?
        let f: UInt8?
        let g: UInt16?
        let h: UInt32?
        let i: UInt64?
        let j: UInt?
        let k: Double?
        let l: Float?
        let m: Decimal?
    }

    /// An array without a type for its elements, and what is behind it.
    struct Loose: Decodable, Equatable {
        var text: [String] = []

        init(from decoder: any Decoder) throws {
            var elements = try decoder.unkeyedContainer()
            text.append("\(elements.count ?? -1)")
            if try elements.decodeNil() { text.append("nil") }
            text.append(try elements.decodeIfPresent(String.self) ?? "none")
            var inner = try elements.nestedUnkeyedContainer()
            while !inner.isAtEnd { text.append("\(try inner.decode(Int.self)) at \(inner.currentIndex)") }
            let members = try elements.nestedContainer(keyedBy: CodingKeys.self)
            text.append("\(members.contains(.text)) \(members.allKeys.count)")
            text.append(try String(from: elements.superDecoder()))
            text.append("\(try elements.decode(Bool.self))")
        }

        private enum CodingKeys: CodingKey { case text }
    }

    /// A class and its superclass.
    class Base: Decodable {
        let name: String
    }

    final class Derived: Base {
        let extra: Int

        required init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            extra = try members.decode(Int.self, forKey: .extra)
            try super.init(from: members.superDecoder())
        }

        private enum CodingKeys: CodingKey { case extra }
    }

    let flag: Bool
    let text: String
    let choice: Choice?
    let grade: Grade?
    let numbers: Numbers?
    let list: [Int?]
    let names: [String: Double]?
    let codes: [Int: String]?
    let date: Date?
    let data: Data?
    let link: URL?
    let id: UUID?
    let loose: Loose?
    let children: [DecodedSample]?
    let extra: Int?
    let name: String?

    private enum CodingKeys: String, CodingKey {
        case flag, text, choice, grade, numbers, list, names, codes, date, data, link, id, loose, children
        case derived = "the derived one, a long name"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        flag = try members.decode(Bool.self, forKey: .flag)
        text = try members.decode(String.self, forKey: .text)
        choice = try members.decodeIfPresent(Choice.self, forKey: .choice)
        grade = try members.decode(Grade?.self, forKey: .grade)
        numbers = try members.decodeIfPresent(Numbers.self, forKey: .numbers)
        list = try members.decode([Int?].self, forKey: .list)
        names = try members.decodeIfPresent([String: Double].self, forKey: .names)
        codes = try members.decodeIfPresent([Int: String].self, forKey: .codes)
        date = try members.decodeIfPresent(Date.self, forKey: .date)
        data = try members.decodeIfPresent(Data.self, forKey: .data)
        link = try members.decodeIfPresent(URL.self, forKey: .link)
        id = try members.decodeIfPresent(UUID.self, forKey: .id)
        loose = try members.decodeIfPresent(Loose.self, forKey: .loose)
        children = try members.decodeIfPresent([DecodedSample].self, forKey: .children)
        let derived = try members.decodeIfPresent(Derived.self, forKey: .derived)
        extra = derived?.extra
        name = derived?.name
    }
}
