// swift-tools-version: 6.2

import PackageDescription

// Continuous integration refuses warnings; a newer compiler's warning must not break a user's build.
let strict = Context.environment["SHEAF_STRICT"] != nil

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        // The core's generic values are used in every module; without their bodies each use goes through metadata.
        .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

extension Target.Dependency {
    static let algorithms = product(name: "Algorithms", package: "swift-algorithms")
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncAlgorithms = product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let heap = product(name: "HeapModule", package: "swift-collections")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let grdbSQLite = product(name: "GRDBSQLite", package: "GRDB.swift")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTLS = product(name: "HummingbirdTLS", package: "hummingbird")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let lifecycleTesting = product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "Metrics", package: "swift-metrics")
    static let coreMetrics = product(name: "CoreMetrics", package: "swift-metrics")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let instrumentation = product(name: "Instrumentation", package: "swift-distributed-tracing")
    static let tracing = product(name: "Tracing", package: "swift-distributed-tracing")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let yams = product(name: "Yams", package: "Yams")
}

extension Target {
    static func module(_ name: String, _ dependencies: [Dependency] = [], resources: [Resource] = []) -> Target {
        .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
    }
    static func library(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
        .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
    }
    static func program(_ name: String, _ dependencies: [Dependency]) -> Target {
        .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
    }
    static func tests(_ name: String, _ dependencies: [Dependency], resources: [Resource] = []) -> Target {
        .testTarget(
            name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
    }
}

let consoleFiles = [
    "api.js", "console.css", "dead-letters.js", "dom.js", "feed.js", "first.js", "index.html", "keys.js", "main.js",
    "preview.js", "rates.js", "search.js", "stream.js", "times.js", "types.js", "way.js", "windows.js",
]

let package = Package(
    name: "sheaf",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "sheaf", targets: ["sheaf"]),
        .executable(name: "sheaf-service", targets: ["sheaf-service"]),
        .executable(name: "sheaf-databus", targets: ["sheaf-databus"]),
        .executable(name: "sheaf-qaas", targets: ["sheaf-qaas"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-algorithms", from: "1.2.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms.git", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON", "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Values and rules, no I/O.
        .module("SheafCore"),
        // The language of conditions, a subset of Google's Common Expression Language.
        .module("CEL"),
        // The way of an event: ingest, window, compose, relay, send.
        .module(
            "SheafEngine",
            ["SheafCore", "MessageFormat", .asyncAlgorithms, .deque, .lifecycle, .metrics, .logging, .tracing]),
        // The marketplace's event types and the services that enrich them.
        .module("Loyalty", ["SheafCore", "MessageFormat", "ServiceCalls", .algorithms, .asyncHTTPClient, .nioCore]),
        // How other services are called: times, retries, signatures.
        .module("ServiceCalls", ["SheafCore", .asyncHTTPClient, .crypto, .nioCore, .nioHTTP1]),

        // Texts in ICU's MessageFormat, and what they need of CLDR.
        .module("MessageFormat"),

        // Types that are declared in files.
        .module("DeclaredTypes", ["SheafCore", "MessageFormat", "CEL", .crypto, .yams]),

        // What the drivers over blocking C libraries share: actors on threads of their own, connection pools.
        .module("BlockingIO", ["SheafCore", .deque, .metrics, .nioPosix]),
        .library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        .library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        .library("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        .library("CHiredis", apt: "libhiredis-dev"),
        .library("COpenSSL", pkgConfig: "libssl", apt: "libssl-dev"),
        .library("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),

        // Drivers: each knows the core and its one client library.
        .module("SheafMemory", ["SheafCore", .heap]),
        .module("SheafSQLite", ["SheafCore", "CSQLite", .grdb, .grdbSQLite]),
        .module("SheafPostgres", ["SheafCore", "BlockingIO", "CLibPQ"]),
        .module("SheafRedis", ["SheafCore", "BlockingIO", "CHiredis", "COpenSSL", .crypto, .metrics]),
        .module("SheafKafka", ["SheafCore", "BlockingIO", "CRdKafka", .deque, .heap, .logging]),
        .module(
            "SheafGateway",
            ["SheafCore", "ServiceCalls", .asyncHTTPClient, .instrumentation, .nioCore, .nioHTTP1, .nioPosix]),

        // The edge.
        .module("SheafObservability", ["SheafCore", .coreMetrics, .logging]),
        .module(
            "SheafTracing",
            ["SheafCore", .asyncHTTPClient, .deque, .logging, .metrics, .nioCore, .nioHTTP1, .tracing]),
        .module(
            "SheafHTTP",
            [
                "SheafCore", "SheafEngine", "CZlib", .crypto, .hummingbird, .hummingbirdCore, .hummingbirdTLS,
                .httpTypes, .nioCore, .nioHTTP1, .nioHTTPTypes, .nioSSL, .logging, .lifecycle,
            ],
            // The API's description and the console page are part of the program, which needs no files beside it.
            resources: [.embedInCode("Resources/openapi.json")] + consoleFiles.map { .embedInCode("Console/\($0)") }),
        .module(
            "SheafApp",
            [
                "SheafCore", "SheafEngine", "Loyalty", "SheafMemory", "SheafSQLite", "SheafPostgres", "SheafRedis",
                "SheafKafka", "SheafGateway", "SheafHTTP", "SheafObservability", "SheafTracing", "DeclaredTypes",
                "MessageFormat", "ServiceCalls", .configuration,
                .lifecycle, .unixSignals, .nioCore, .nioHTTP1, .nioPosix, .logging, .asyncHTTPClient, .yams,
            ]),
        // A made-up marketplace and gateway, for trying things out and for tests.
        .module("SheafSandbox", ["SheafCore", .hummingbird, .httpTypes, .nioCore, .logging, .lifecycle]),
        // The commands behind the programs.
        .module(
            "SheafCLI",
            [
                "SheafCore", "SheafEngine", "SheafApp", "SheafSandbox", "SheafObservability", "SheafTracing",
                "SheafGateway", "Loyalty", "DeclaredTypes", .argumentParser, .lifecycle, .logging,
            ]),

        // Programs.
        .program("sheaf", ["SheafCLI"]),
        .program("sheaf-service", ["SheafCLI"]),
        .program("sheaf-databus", ["SheafCLI"]),
        .program("sheaf-qaas", ["SheafCLI"]),
        .program(
            "sheaf-bench",
            [
                "SheafCore", "SheafEngine", "BlockingIO", "SheafSQLite", "SheafPostgres", "SheafRedis", "SheafKafka",
                "SheafGateway", "SheafHTTP", "Loyalty", "DeclaredTypes", "MessageFormat", "CLibPQ", .grdb, .grdbSQLite,
                .logging, .nioCore, .nioPosix,
            ]),

        // Tests.
        .module("SheafTesting", ["SheafCore", .logging]),
        .tests("SheafCoreTests", ["SheafCore", "SheafTesting"], resources: [.copy("plural-categories.txt")]),
        .tests("CELTests", ["CEL"], resources: [.copy("Resources")]),
        .tests(
            "MessageFormatTests", ["MessageFormat"],
            resources: [.copy("icu-messages.jsonl"), .copy("plural-categories.txt")]),
        .tests(
            "SheafEngineTests",
            [
                "SheafCore", "SheafEngine", "SheafMemory", "SheafTesting", .lifecycle, .lifecycleTesting, .logging,
            ]),
        .tests(
            "LoyaltyTests",
            [
                "Loyalty", "ServiceCalls", "SheafCore", "SheafSandbox", .asyncHTTPClient, .hummingbird, .httpTypes,
                .lifecycle,
                .logging,
                .nioCore,
            ]),
        .tests(
            "DeclaredTypesTests",
            ["DeclaredTypes", "SheafCore", "Loyalty", "MessageFormat"]),
        .tests("SheafSandboxTests", ["SheafSandbox", .asyncHTTPClient, .nioCore, .nioHTTP1, .logging]),
        // The code of the tutorial on types of notifications, with the test at its end.
        .testTarget(
            name: "TutorialTests",
            dependencies: ["SheafCore", "SheafEngine", "SheafMemory", "SheafTesting", .logging],
            path: "Sources/SheafCore/SheafCore.docc/Resources", swiftSettings: settings),
        .tests("DriverTests", ["SheafCore", "SheafMemory", "SheafSQLite", "SheafTesting", .grdb, .grdbSQLite]),
        .tests(
            "SheafGatewayTests",
            [
                "SheafGateway", "ServiceCalls", "SheafCore", .hummingbird, .asyncHTTPClient, .httpTypes, .logging,
                .nioCore, .nioPosix,
            ],
            resources: [.copy("Resources")]),
        .tests("SheafObservabilityTests", ["SheafObservability", "SheafCore", .coreMetrics, .logging]),
        .tests(
            "SheafTracingTests",
            [
                "SheafTracing", "SheafCore", "SheafEngine", "SheafMemory", "SheafTesting", .asyncHTTPClient, .httpTypes,
                .hummingbird, .logging, .nioCore, .tracing,
            ]),
        .tests(
            "SheafHTTPTests",
            [
                "SheafCore", "SheafEngine", "SheafHTTP", "SheafMemory", "SheafTesting", "CZlib", .hummingbird,
                .hummingbirdTesting, .httpTypes, .lifecycle, .logging, .nioCore, .nioEmbedded, .nioHTTPTypes,
                .nioPosix,
            ]),
        .tests("BlockingIOTests", ["BlockingIO", "SheafCore"]),
        .tests("SheafRedisTests", ["SheafRedis", "BlockingIO", "SheafCore", "SheafTesting", .coreMetrics]),
        .tests(
            "SheafKafkaTests", ["SheafKafka", "SheafCore", "SheafTesting", "CRdKafka", .logging]),
        .tests("SheafPostgresTests", ["SheafCore", "SheafPostgres", "BlockingIO", "SheafTesting"]),
        .tests("SheafAppTests", ["SheafApp", "SheafCore", "SheafEngine", "SheafHTTP", .logging]),
    ],
    swiftLanguageModes: [.v6]
)
