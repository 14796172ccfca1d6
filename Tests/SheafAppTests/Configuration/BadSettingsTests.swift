import SheafApp
import SheafCore
import Testing

/// A configuration with one mistake, and the expected message.
struct BadCase: Sendable, CustomTestStringConvertible {
    let file: (name: String, contents: String)?
    let environment: [String: String]
    /// Parts that the only problem's message must contain.
    let says: [String]

    init(yaml: String, _ says: String...) {
        file = ("sheaf.yaml", yaml)
        environment = [:]
        self.says = says
    }

    init(json: String, _ says: String...) {
        file = ("sheaf.json", json)
        environment = [:]
        self.says = says
    }

    /// - Parameter variable: the name without `SHEAF_`; the problem begins with the full name.
    init(_ variable: String, _ value: String, _ says: String...) {
        file = nil
        environment = ["SHEAF_\(variable)": value]
        self.says = ["environment SHEAF_\(variable): "] + says
    }

    var testDescription: String { file?.contents ?? "\(environment)" }
}

@Suite struct BadSettingsTests {
    @Test(arguments: BadCase.all) func `mistakes are named with their places`(_ bad: BadCase) throws {
        let problems = try problems {
            guard let file = bad.file else { return try load(environment: bad.environment) }
            return try load(file.contents, as: file.name, environment: bad.environment)
        }
        #expect(problems.count == 1)
        let problem = problems.first ?? ""
        for text in bad.says { #expect(problem.contains(text), "\(problem)") }
        #expect(!problem.contains("\n"))
        if let file = bad.file { #expect(problem.contains("/\(file.name): ")) }
    }

    @Test func `a problem has its place and a correction`() throws {
        let inFile = try problems { try load("gateway: {timeout: 10 sec}") }
        #expect(
            inFile.first?.hasSuffix(
                "/sheaf.yaml: gateway.timeout: '10 sec' is not a duration; write 500ms, 2s, 5m, 1h or 7d") == true)
        #expect(
            try problems { try load(environment: ["SHEAF_GATEWAY_TIMEOUT": "10 sec"]) } == [
                "environment SHEAF_GATEWAY_TIMEOUT: gateway.timeout: '10 sec' is not a duration; write 500ms, 2s, 5m, 1h or 7d"
            ])
    }

    @Test func `all mistakes are reported at once`() throws {
        let yaml = """
            store: {url: mysql://x}
            gateway: {timeout: 10, max_attempts: 0, retries: 3}
            types:
              sale_item_changed: {mode: rolling, window: 1m}
              sale_item_change: {window: 1m}
            """
        let environment = ["SHEAF_HTTP_PORT": "x", "SHEAF_HTTP_PROT": "1", "SHEAF_LOCALE": "de"]
        let problems = try problems { try load(yaml, environment: environment) }
        let expected = [
            "store.url", "gateway.timeout", "gateway.max_attempts", "SHEAF_HTTP_PORT", "sale_item_changed.mode",
            "SHEAF_LOCALE", "SHEAF_HTTP_PROT", "gateway.retries", "types.sale_item_change:",
        ]
        #expect(problems.count == expected.count)
        for text in expected { #expect(problems.contains { $0.contains(text) }, "\(text)") }
    }

    @Test func `an unreadable file does not hide mistakes in the environment`() throws {
        let problems = try problems {
            try load("{", environment: ["SHEAF_HTTP_PORT": "x", "SHEAF_HTTP_HOST": "0.0.0.0"])
        }
        #expect(problems.count == 2)
        #expect(
            problems.first?.contains("sheaf.yaml: line 1") == true
                || problems.first?.contains("sheaf.yaml: line 2") == true)
        #expect(problems.last?.contains("SHEAF_HTTP_PORT") == true)
    }

    @Test func `a configured window is checked together with the type's own policy`() throws {
        let slow = WindowPolicy(mode: .sliding, length: .seconds(1800), maxWait: .seconds(7200))
        let types = ["slow_digest": DeliveryPolicy.debounced(slow)]
        let refused = try problems { try load("types: {slow_digest: {max_wait: 20m}}", types: types) }
        #expect(refused.count == 1)
        #expect(
            refused.first?.hasSuffix(
                "types.slow_digest.max_wait: a sliding window waits at most max_wait, 20m, which is less than the "
                    + "window, 30m") == true)
        for yaml in ["{window: 1h}", "{mode: sliding, window: 2h}", "{mode: tumbling, max_wait: 20m}"] {
            #expect(try problems { try load("types: {slow_digest: \(yaml)}", types: types) } == [])
        }
    }

    @Test func `with a folder of types an unknown type may be configured, in the file and the environment`() throws {
        let yaml = "types: {folder: types, news: {window: 2m}, sale_item_changed: {window: 5s}}"
        let settings = try load(yaml, environment: ["SHEAF_TYPES_REVIEW_PUBLISHED_MAX_WAIT": "3h"])
        #expect(settings.typesFolder == "types")
        #expect(settings.types["news"]?.window == .seconds(120))
        #expect(settings.types["review_published"]?.maxWait == .seconds(3 * 3600))
        #expect(settings.types["sale_item_changed"]?.window == .seconds(5))
        let refused = try problems { try load("types: {folder: types, news: {window: 2m, windw: 1s}}") }
        #expect(refused.count == 1 && refused.first?.contains("did you mean types.news.window?") == true)
        #expect(try problems { try load("types: {news: {window: 2m}}") }.count == 1)
    }

    @Test func `a combination is not refused if one of its values already is`() throws {
        let yaml =
            "types.sale_item_changed: {mode: sliding, window: 1 hour, max_wait: 30s}\nhttp: {host: 0.0.0.0, tokens: [x]}"
        let problems = try problems { try load(yaml) }
        #expect(problems.count == 2)
        #expect(problems.contains { $0.contains("http.tokens: entry 1") })
        #expect(problems.contains { $0.contains("window: '1 hour'") })
    }

    @Test func `a missing file and a directory are named`() throws {
        #expect(
            try problems { try Settings.load(file: "/nowhere/sheaf.yaml", environment: [:], types: [:]) }
                == ["/nowhere/sheaf.yaml: there is no such file"])
        #expect(
            try problems { try Settings.load(file: "/", environment: [:], types: [:]) }
                == ["/: is a directory, not a file"])
    }

    @Test func `the status is that of sysexits`() { #expect(ConfigurationError.exitStatus == 78) }

    @Test func `variables of the build, of the tests and of others are no settings`() throws {
        let environment = ["SHEAF_TEST_POSTGRES": "x", "SHEAF_STRICT": "1", "SHEAFS": "x", "PATH": "/bin"]
        #expect(try load(environment: environment) == load(environment: [:]))
    }
}
