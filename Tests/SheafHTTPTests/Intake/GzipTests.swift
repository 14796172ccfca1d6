import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import SheafCore
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Compressed bodies")
struct GzipTests {
    private static func unpack(_ packed: [UInt8], limit: Int = 1_000_000) throws(APIError) -> [UInt8] {
        try GzipUnpacking.unpack(packed, limit: limit) { _ throws(APIError) in }
    }

    @Test("Compressed data round-trips, even in several members", arguments: [0, 1, 1000, 200_000])
    func whole(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        #expect(try Self.unpack(bytes.gzipped) == bytes)
        #expect(try Self.unpack(bytes.gzipped + [].gzipped + bytes.gzipped) == bytes + bytes)
    }

    @Test("A body that is not completely gzip is refused")
    func broken() {
        let packed = Array("some words, some words".utf8).gzipped
        var flipped = packed
        flipped[packed.count - 5] ^= 1
        let zlib: [UInt8] = [0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]
        let cut = [Array(packed.dropLast()), Array(packed.prefix(5)), []]
        for bytes in cut + [packed + [0], flipped, zlib, [0x1F, 0x8B]] {
            let error = #expect(throws: APIError.self) { try Self.unpack(bytes) }
            #expect(error?.status == .badRequest)
        }
    }

    @Test("A decompression bomb is refused during decompression")
    func bomb() {
        let bomb = [UInt8](repeating: 0, count: 20_000_000).gzipped
        var held = 0
        let error = #expect(throws: APIError.self) {
            try GzipUnpacking.unpack(bomb, limit: 100_000) { held += $0 }
        }
        #expect(error?.status == .contentTooLarge)
        #expect(held == 100_001)
        let exact = [UInt8](repeating: 7, count: 100_000)
        #expect((try? Self.unpack(exact.gzipped, limit: 100_000)) == exact)
        #expect(throws: APIError.self) { try Self.unpack(exact.gzipped + [7].gzipped, limit: 100_000) }
    }

    @Test("Events in every form may be compressed by gzip", arguments: ["gzip", "GZIP", "x-gzip", "identity, gzip"])
    func events(coding: String) async throws {
        let site = try Site()
        try await site.test { client async throws in
            for (body, type) in [
                (PublishTests.event, "application/json"), ("\u{FEFF}\(PublishTests.event)\n", "application/x-ndjson"),
                (PublishTests.cloudEvent, "application/cloudevents+json"),
            ] {
                let response = try await client.executeRequest(
                    uri: "/v1/events", method: .post, headers: [.contentType: type, .contentEncoding: coding],
                    body: ByteBuffer(bytes: Array(body.utf8).gzipped))
                #expect(response.status == .accepted)
            }
        }
        #expect(site.intake.events.map(\.producerID) == ["a", "a", "c1"])
    }

    @Test("Four mebibytes uncompressed are accepted, one byte more is answered 413", arguments: [(0, 202), (1, 413)])
    func limit(above: Int, status: Int) async throws {
        let padding = String(repeating: " ", count: 4 * 1024 * 1024 - PublishTests.event.utf8.count + above)
        let site = try Site()
        try await site.test { client async throws in
            let response = try await client.executeRequest(
                uri: "/v1/events", method: .post,
                headers: [.contentType: "application/json", .contentEncoding: "gzip"],
                body: ByteBuffer(bytes: Array((PublishTests.event + padding).utf8).gzipped))
            #expect(response.status.code == status)
        }
        #expect(site.intake.entries.count == (above == 0 ? 1 : 0))
    }

    @Test("Uncompressed bytes count as held until the request is handled")
    func held() async throws {
        let budget = BodyBudget(limit: 10_000)
        let collector = BodyCollector(limit: 20_000, timeout: .seconds(30), budget: budget, clock: TestClock())
        func read(_ count: Int) async throws -> Int {
            let packed = [UInt8](repeating: 1, count: count).gzipped
            let request = PublishLimitTests.request(body: packed)
            return try await collector.withBody(of: request, .gzip, from: nil) { $0.count }
        }
        #expect(try await read(9000) == 9000)
        let error = await #expect(throws: APIError.self) { try await read(10_000) }
        #expect(error?.status == .serviceUnavailable)
        #expect(try await read(9000) == 9000)
    }

    @Test(
        "Another compression is answered 415 with the supported one",
        arguments: ["br", "deflate", "gzip, gzip", "compress", "nonsense"])
    func otherCodings(coding: String) async throws {
        let site = try Site()
        try await site.test { client async throws in
            let answer = try await client.publish(PublishTests.event, headers: [.contentEncoding: coding])
            #expect(answer.status == .unsupportedMediaType)
            #expect(try answer.errorCode == "unsupported_media_type")
            #expect(answer.headers[.acceptEncoding] == "gzip")
            let type = try await client.publish(PublishTests.event, "text/plain")
            #expect(type.headers[.acceptEncoding] == nil)
        }
        #expect(site.intake.entries.isEmpty)
    }
}
