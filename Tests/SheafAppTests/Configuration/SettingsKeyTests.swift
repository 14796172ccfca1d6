import Foundation
import SheafCore
import SheafEngine
import SheafHTTP
import Testing

@testable import SheafApp

/// What holds of every key, and so of one that is added, without a line for it here.
@Suite struct SettingsKeyTests {
    private static let type = "sale_item_changed"

    /// Every key, those of types for one of them.
    static let keys: [String] = {
        var reader = SettingsReader(sources: [], types: [type])
        _ = Settings(reading: &reader)
        return reader.known.keys
    }()

    /// Values of all kinds. Each key takes two of them, of which one may be its default, and refuses another.
    private static let values = [
        "1", "7", "0.25", "5s", "5m", "full", "normal", "store", "console", "none", "sqlite:a.db", "postgres://u:p@h/d",
        "redis://cache:6380/3", "kafka://a:9092", "http://sales", "https://gw:8443/v0", "localhost", "127.0.0.1",
        "a.pem",
        "ru", "en", "UTC", "Europe/Moscow", "immediate", "debounced", "sliding", "leading", "info", "trace", "text",
        "json", Secrets.signing, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", "a:read", "b:publish+admin", "a b", "",
    ]

    @Test(arguments: keys) func `a key sets the property of its name, and an error names the key`(_ key: String) throws
    {
        let defaults = try load(environment: [:])
        var taken: [(text: String, settings: Settings)] = []
        for value in Self.values {
            do {
                let settings = try load(environment: [variable(key): value])
                let changed = Set(leaves(of: settings)).symmetricDifference(leaves(of: defaults))
                #expect(changed.allSatisfy { $0.isOf(key) }, "\(value): \(changed)")
                taken.append((value, settings))
            } catch let error as ConfigurationError {
                #expect(error.problems.map(\.place) == [.environment(variable: variable(key), key: key)])
            }
        }
        // For a new kind of value, add two to the list.
        let inFile = try #require(taken.first { $0.settings != defaults })
        let inEnvironment = try #require(taken.first { $0.settings != inFile.settings })
        #expect(taken.count < Self.values.count)

        let (yaml, json) = (yaml(key, inFile.text), json(key, inFile.text))
        #expect(try load(yaml) == inFile.settings)
        #expect(try load("\(key): \(inFile.text)\n") == inFile.settings)
        #expect(try load("\(key): '\(inFile.text)'\n") == inFile.settings)
        #expect(try load(json, as: "sheaf.json") == inFile.settings)
        let environment = [variable(key): inEnvironment.text]
        #expect(try load(yaml, environment: environment) == inEnvironment.settings)
        #expect(try load(json, as: "sheaf.json", environment: environment) == inEnvironment.settings)
    }

    @Test func `the documented keys and defaults are those of the code`() throws {
        let page = URL(filePath: #filePath).appending(path: "../../../../docs/configuration.md").standardizedFileURL
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map { line in
            line.split(separator: "|").map(\.trimmed)
        }.filter { $0.count == 3 && $0[0].hasPrefix("`") }
        var documented: Set<String> = []
        for row in rows {
            let key = row[0].replacing("`", with: "").replacing("types.NAME", with: "types.\(Self.type)")
            documented.insert(key)
            guard key != "kafka.options.NAME" else { continue }
            if row[1].hasPrefix("`") {
                let value = row[1].replacing("`", with: "")
                #expect(try load(environment: [variable(key): value]) == load(environment: [:]), "\(key)")
            } else {
                // In words: nothing is set.
                let leaf = leaves(of: try load(environment: [:])).first { $0.isOf(key) }
                #expect(["nil", "[]", ""].contains(leaf?.value), "\(key)")
            }
        }
        #expect(documented == Set(Self.keys + ["kafka.options.NAME"]) && documented.count == rows.count)
    }

    @Test func `a value in the file is not read if the environment has one`() throws {
        let settings = try load("http: {port: none}", environment: ["SHEAF_HTTP_PORT": "81"])
        #expect(settings.http.port == 81)
    }

    @Test func `each kind of value has its meaning`() throws {
        let settings = try load(
            """
            store.url: postgres://u:p@db:5433/sheaf?sslmode=require
            queue.url: kafka://a:9092,b:9093
            databus.url: kafka://[::1]:9092,c:1
            debouncer: {url: "redis://:p@cache:6380/3", lease: 10s}
            gateway: {url: "https://gw:8443/v0/", timeout: 500ms, max_attempts: 3}
            sales.url: none
            items.url: http://[::1]:81/x
            http: {host: "[::1]", tokens: " c:admin , d-._~+/==:read+publish "}
            tracing.sample_ratio: 0.25
            retention.events: 24h
            types.sale_item_changed: {delivery: immediate, window: 1h, mode: leading}
            """)
        #expect("\(settings.store.url)" == "postgres(postgres://u@db:5433/sheaf)")
        #expect("\(settings.queue.url)" == "kafka(kafka://a:9092,b:9093)")
        #expect(settings.databus.url?.description == "kafka://[::1]:9092,c:1")
        #expect("\(settings.debouncer.url)" == "redis(redis://cache:6380/3)")
        #expect(settings.debouncer.lease == .seconds(10))
        #expect("\(settings.gateway.url)" == "http(https://gw:8443/v0)")
        #expect(settings.gateway.timeout == .milliseconds(500) && settings.gateway.maxAttempts == 3)
        #expect(settings.sales.url == nil && settings.items.url?.text == "http://[::1]:81/x")
        #expect(settings.http.host == "::1" && settings.http.tokens.map(\.scopes) == [[.admin], [.read, .publish]])
        for (token, name) in zip(settings.http.tokens, ["c", "d-._~+/=="]) {
            #expect(AccessToken(name[...], scopes: []).isSameToken(as: token))
        }
        #expect(settings.tracing.sampleRatio == 0.25)
        #expect(settings.retention.events == .seconds(86_400))
        #expect(
            settings.types[Self.type] == TypeSettings(delivery: .immediate, window: .seconds(3600), mode: .leading))
    }
}

/// A value without parts somewhere in the settings, with the names of the properties that lead to it.
private struct Leaf: Hashable {
    let path: String
    let value: String

    func isOf(_ key: String) -> Bool { (path + "_").hasPrefix(key.replacing(".", with: "_") + "_") }
}

private func leaves(of value: Any, at path: String = "") -> [Leaf] {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .dictionary {
        return mirror.children.flatMap { child in
            let pair = Mirror(reflecting: child.value).children.map(\.value)
            return leaves(of: pair[1], at: "\(path)_\(pair[0])")
        }
    }
    guard !mirror.children.isEmpty else { return [Leaf(path: path, value: "\(value)")] }
    return mirror.children.enumerated().flatMap { index, child in
        let name = (child.label ?? "\(index)").replacing(/[A-Z]/) { "_" + $0.output.lowercased() }
        return leaves(of: child.value, at: path.isEmpty ? name : path + "_" + name)
    }
}

private func variable(_ key: String) -> String { "SHEAF_" + key.uppercased().replacing(".", with: "_") }

/// `a.b.c: value` as nested mappings; the text is unquoted, as a person would write it.
private func yaml(_ key: String, _ text: String) -> String {
    let names = key.split(separator: ".")
    let lines = names.enumerated().map { level, name in String(repeating: "  ", count: level) + name + ":" }
    return lines.joined(separator: "\n") + " \(text)\n"
}

/// The same as JSON, with numbers as numbers.
private func json(_ key: String, _ text: String) -> String {
    let names = key.split(separator: ".")
    let value = Double(text) == nil ? "\"\(text)\"" : text
    return names.map { "{\"\($0)\": " }.joined() + value + String(repeating: "}", count: names.count)
}
