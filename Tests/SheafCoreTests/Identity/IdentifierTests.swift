import Foundation
import SheafCore
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    private enum Thing {}
    private typealias ThingID = Identifier<Thing>

    @Test("The layout is that of a UUID version 7")
    func layout() {
        // RFC 9562, appendix A.6: 2022-02-22T19:22:22Z.
        let now = Timestamp(milliseconds: 0x017F_22E2_79B0)
        let id = IdentifierGenerator().next(Thing.self, at: now)
        #expect(id.high >> 16 == 0x017F_22E2_79B0)
        #expect(id.high >> 12 & 0xF == 7)
        #expect(id.low >> 62 == 0b10)
        #expect(id.timestamp == now)
        #expect(id.timestamp.description == "2022-02-22T19:22:22.000Z")
        #expect(id.bytes.count == 16)
        #expect(id.bytes[0...5] == [0x01, 0x7F, 0x22, 0xE2, 0x79, 0xB0])
        #expect(UUID(uuidString: id.description) != nil)
    }

    @Test("Text and bytes round-trip, and agree with Foundation's")
    func roundTrips() throws {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<1000 {
            let id = ThingID(high: generator.next(), low: generator.next())
            #expect(ThingID(id.description) == id)
            #expect(ThingID(id.description.uppercased()) == id)
            #expect(ThingID(bytes: id.bytes) == id)
            let uuid = try #require(UUID(uuidString: id.description))
            #expect(uuid.uuidString.lowercased() == id.description)
            #expect(withUnsafeBytes(of: uuid.uuid) { Array($0) } == id.bytes)
        }
        #expect(ThingID(high: 0, low: 0).description == "00000000-0000-0000-0000-000000000000")
        #expect(ThingID(high: .max, low: .max).description == "ffffffff-ffff-ffff-ffff-ffffffffffff")
    }

    @Test("Ids, their bytes and their texts sort alike")
    func order() {
        var generator = SplitMix64(seed: 2)
        for _ in 0..<1000 {
            // Equal high halves often, so that the low ones are compared too.
            let left = ThingID(high: generator.next() % 3, low: generator.next())
            let right = ThingID(high: generator.next() % 3, low: generator.next())
            #expect((left < right) == left.bytes.lexicographicallyPrecedes(right.bytes))
            #expect((left < right) == (left.description < right.description))
        }
    }

    @Test("The lower bound of a moment is before all ids made at it, and after all made earlier")
    func lowerBound() {
        let moment = Timestamp(milliseconds: 1_795_424_400_000)
        let generator = IdentifierGenerator()
        let before = generator.next(Thing.self, at: Timestamp(milliseconds: 1_795_424_399_999))
        let at = generator.next(Thing.self, at: moment)
        #expect(before < .lowerBound(at: moment))
        #expect(.lowerBound(at: moment) < at)
        #expect(ThingID.lowerBound(at: Timestamp(milliseconds: -1)) == ThingID(high: 0, low: 0))
    }

    @Test(
        "Anything but the canonical form is refused",
        arguments: [
            "", "0", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
            "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
            "017f22e-279b0-7cc3-98c4-dc0c0c07398f", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "+17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c0739é",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398\0",
        ])
    func badText(text: String) { #expect(ThingID(text) == nil) }

    @Test("An id is made exactly of a text that is its own, byte by byte")
    func exactly() {
        let id = ThingID(high: 0x017F_22E2_79B0_7CC3, low: 0x98C4_DC0C_0C07_398F)
        #expect(ThingID(exactly: "017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == id)
        for other in ["017f22e2-79b0-7cc3-98c4-dc0c0c07398F", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017f", ""] {
            #expect(ThingID(exactly: other) == nil)
        }
    }

    @Test("Any count of bytes but sixteen is refused", arguments: [0, 1, 15, 17, 32])
    func badBytes(count: Int) { #expect(ThingID(bytes: [UInt8](repeating: 7, count: count)) == nil) }

    @Test("In JSON an id is its text")
    func json() throws {
        let id = ThingID(high: 0x017F_22E2_79B0_7CC3, low: 0x98C4_DC0C_0C07_398F)
        let json = try JSONEncoder().encode([id])
        #expect(String(decoding: json, as: UTF8.self) == #"["017f22e2-79b0-7cc3-98c4-dc0c0c07398f"]"#)
        #expect(try JSONDecoder().decode([ThingID].self, from: json) == [id])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([ThingID].self, from: Data(#"["x"]"#.utf8)) }
    }
}
