import HTTPTypes
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("A recipient's settings")
struct RecipientSettingsTests {
    private static let path = "/v1/recipients/42"
    private let json: HTTPFields = [.contentType: "application/json"]

    @Test("A recipient without settings has the defaults, and changes are merged")
    func merge() async throws {
        let site = try Site()
        try await site.test { client async throws in
            let answer = try await client.get(Self.path)
            #expect(answer.status == .ok && answer.headers[.cacheControl] == "no-store")
            #expect(
                try answer.json == ["recipient_id": 42, "described": false, "locale": "ru", "time_zone": "UTC"])
            for (body, locale, zone, described) in [
                (#"{"locale":"PT_br"}"#, "pt-BR", "UTC", true),
                (#"{"time_zone":"Europe/Moscow"}"#, "pt-BR", "Europe/Moscow", true),
                ("{}", "pt-BR", "Europe/Moscow", true),
                (#"{"locale":null,"time_zone":"Asia/Calcutta"}"#, "ru", "Asia/Calcutta", true),
                (#"{"time_zone":null}"#, "ru", "UTC", false),
            ] {
                let changed = try await client.send(.patch, Self.path, headers: json, body: body)
                #expect(changed.status == .ok)
                let expected: JSON = [
                    "recipient_id": 42, "described": .bool(described), "locale": .string(locale),
                    "time_zone": .string(zone),
                ]
                #expect(try changed.json == expected)
                #expect(try await client.get(Self.path).json == expected)
            }
        }
    }

    @Test(
        "Zones without a slash that IANA names are known",
        arguments: ["CET", "EST5EDT", "PST8PDT", "GB", "W-SU", "Zulu"])
    func shortZone(name: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.send(.patch, Self.path, headers: json, body: #"{"time_zone":"\#(name)"}"#)
            #expect(try answer.json["time_zone"] == .string(name))
        }
    }

    @Test(
        "An unknown language or zone is answered 422 with the field, and changes nothing",
        arguments: [
            (#"{"locale":"xx-notalanguage","time_zone":"UTC"}"#, "locale"), (#"{"locale":""}"#, "locale"),
            (#"{"locale":5}"#, "locale"), (#"{"time_zone":"Mars/Olympus"}"#, "time_zone"),
            (#"{"time_zone":"../etc/passwd"}"#, "time_zone"), (#"{"time_zone":"GMT+3"}"#, "time_zone"),
            (#"{"time_zone":"MSK"}"#, "time_zone"), (#"{"time_zone":""}"#, "time_zone"),
            (#"{"time_zone":["UTC"]}"#, "time_zone"), (#"{"locale":"en","quiet_hours":"22:00-08:00"}"#, "quiet_hours"),
            (#"{"daily_at":"09:00"}"#, "daily_at"), (#"{"preferences":{"a":"off"}}"#, "preferences"),
            (#"{"locale":"en","Locale":"en"}"#, "Locale"),
        ])
    func unknown(body: String, field: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.send(.patch, Self.path, headers: json, body: body)
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.errorField == field)
            #expect(try answer.errorCode == "invalid")
            #expect(try await client.get(Self.path).json["described"] == false)
        }
    }

    @Test(
        "A body that is not an object is answered 400",
        arguments: ["", "{", "[]", "1", #"{"locale":"en","locale":"ru"}"#, "{} {}"])
    func malformed(body: String) async throws {
        try await Site().test { client async throws in
            #expect(try await client.send(.patch, Self.path, headers: json, body: body).status == .badRequest)
        }
    }

    @Test("Other media types are answered 415, and an invalid recipient 404")
    func others() async throws {
        try await Site().test { client async throws in
            for type in ["text/plain", "application/x-ndjson", "application/cloudevents+json"] {
                let answer = try await client.send(.patch, Self.path, headers: [.contentType: type], body: "{}")
                #expect(answer.status == .unsupportedMediaType)
            }
            let merge = try await client.send(
                .patch, Self.path, headers: [.contentType: "application/merge-patch+json"], body: "{}")
            #expect(merge.status == .ok)
            #expect(try await client.get("/v1/recipients/x").status == .notFound)
            #expect(try await client.send(.patch, "/v1/recipients/x", headers: json, body: "{}").status == .notFound)
        }
    }

    @Test("Settings are erased with the recipient")
    func erased() async throws {
        try await Site().test { client async throws in
            _ = try await client.send(.patch, Self.path, headers: json, body: #"{"locale":"en"}"#)
            #expect(try await client.send(.delete, Self.path).status == .noContent)
            #expect(try await client.get(Self.path).json["described"] == false)
        }
    }
}
