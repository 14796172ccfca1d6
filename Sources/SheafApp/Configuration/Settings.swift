public import Logging
public import SheafCore
public import SheafEngine
public import SheafHTTP
internal import SheafRedis

/// The whole configuration, parsed and checked; a new value holds the defaults.
///
/// Each setting is a property, and below it the line that reads it: its key, its values and its default. A key is its
/// property's path in snake case. The printed form shows no password, key or token.
public struct Settings: Hashable, Sendable {
    public var store: Store
    public var ingest: Ingest
    public var debouncer: Debouncer
    public var queue: Queue
    public var databus: Databus
    public var kafka: Kafka
    public var redis: Redis
    public var gateway: Gateway
    public var sales: Service
    public var items: Service
    public var http: HTTP
    /// The folder of types that are declared in files; `nil` if there is none.
    public var typesFolder: String?
    /// By type name: each type that the loader knows and, if there is a folder, each type that is configured.
    public var types: [String: TypeSettings]
    /// The language of the built-in texts.
    public var locale: Language
    /// The time zone of recipients who named none, as an IANA name.
    public var timeZone: String
    public var retention: Pruner.Retention
    public var log: Log
    public var tracing: Tracing
    public var startup: Startup
    public var shutdown: Shutdown

    public init() {
        var nothing = SettingsReader(sources: [], types: [])
        self.init(reading: &nothing)
    }

    init(reading reader: inout SettingsReader) {
        store = Store(reading: &reader)
        ingest = Ingest(reading: &reader)
        debouncer = Debouncer(reading: &reader)
        queue = Queue(reading: &reader)
        databus = Databus(reading: &reader)
        kafka = Kafka(reading: &reader)
        redis = Redis(reading: &reader)
        gateway = Gateway(reading: &reader)
        sales = Service(url: reader.read("sales.url", as: .serviceURL, default: nil))
        items = Service(url: reader.read("items.url", as: .serviceURL, default: nil))
        http = HTTP(reading: &reader)
        typesFolder = reader.read("types.folder", as: .path)
        if typesFolder != nil { reader.takeTypes() }
        types = [:]
        for name in reader.types { types[name] = TypeSettings(reading: &reader, of: name) }
        retention = Pruner.Retention(reading: &reader)
        locale = reader.read("locale", as: .choice, default: .russian)
        timeZone = reader.read("time_zone", as: .timeZone, default: "UTC")
        log = Log(reading: &reader)
        tracing = Tracing(reading: &reader)
        startup = Startup(reading: &reader)
        shutdown = Shutdown(reading: &reader)
    }

    /// The settings of recipients who have none of their own.
    public var recipientDefaults: RecipientDescription {
        RecipientDescription(locale: locale.rawValue, timeZone: timeZone)
    }
}

extension Settings {
    public struct Store: Hashable, Sendable {
        /// When a commit is synced to disk.
        public enum Synchronous: String, Hashable, Sendable, CaseIterable {
            /// Before it returns: it survives a power failure.
            case full
            /// Soon: it survives the end of the process, but a power failure may undo the last commits.
            case normal
        }

        public var url: StoreURL
        /// For SQLite; PostgreSQL has its own setting.
        public var synchronous: Synchronous

        init(reading reader: inout SettingsReader) {
            url = reader.read("store.url", as: .storeURL, default: .sqlite(path: "sheaf.db"))
            synchronous = reader.read("store.synchronous", as: .choice, default: .full)
        }
    }

    public struct Ingest: Hashable, Sendable {
        /// The maximum events that wait in memory for their commit.
        public var maxPending: Int
        /// The number of outbox rows above which events are refused.
        public var maxBacklog: Int

        init(reading reader: inout SettingsReader) {
            maxPending = reader.read("ingest.max_pending", as: .wholeNumber(in: 1...Int.max), default: 20_000)
            maxBacklog = reader.read("ingest.max_backlog", as: .wholeNumber(in: 1...Int.max), default: 5_000_000)
        }
    }

    public struct Debouncer: Hashable, Sendable {
        public var url: DebouncerURL
        /// How long a worker holds claimed windows before another may claim them.
        public var lease: Duration

        init(reading reader: inout SettingsReader) {
            url = reader.read("debouncer.url", as: .debouncerURL, default: .store)
            // The lease is extended after a third of it, and a database may take a second to respond.
            lease = reader.read("debouncer.lease", as: .duration(atLeast: .seconds(3)), default: .seconds(30))
        }
    }

    public struct Queue: Hashable, Sendable {
        public var url: QueueURL

        init(reading reader: inout SettingsReader) {
            url = reader.read("queue.url", as: .queueURL, default: .store)
        }
    }

    public struct Databus: Hashable, Sendable {
        /// `nil` if no business topics are read.
        public var url: KafkaURL?

        init(reading reader: inout SettingsReader) {
            url = reader.read("databus.url", as: .databusURL, default: nil)
        }
    }

    public struct Kafka: Hashable, Sendable {
        /// The consumer group.
        public var group: String
        /// A prefix of the names of the queue's topics.
        public var topicPrefix: String
        /// Settings of librdkafka by name; some may be passwords.
        public var options: [String: Secret]

        init(reading reader: inout SettingsReader) {
            group = reader.read("kafka.group", as: .name, default: "sheaf")
            topicPrefix = reader.read("kafka.topic_prefix", as: .topicPrefix, default: "")
            options = reader.readAll(under: "kafka.options")
        }
    }

    public struct Redis: Hashable, Sendable {
        /// The hash-tagged shards of the debouncer.
        public var shards: Int

        init(reading reader: inout SettingsReader) {
            shards = reader.read("redis.shards", as: .wholeNumber(in: 1...RedisOptions.maximumShards), default: 1)
        }
    }

    public struct Gateway: Hashable, Sendable {
        public var url: GatewayURL
        /// `whsec_` and base64; requests are signed if it is set.
        public var secret: Secret?
        /// The time limit of one attempt.
        public var timeout: Duration
        public var maxAttempts: Int
        /// The maximum concurrent requests of one process.
        public var maxInFlight: Int

        init(reading reader: inout SettingsReader) {
            url = reader.read("gateway.url", as: .gatewayURL, default: .console)
            secret = reader.read("gateway.secret", as: .signingSecret)
            timeout = reader.read("gateway.timeout", as: .duration(atLeast: .milliseconds(1)), default: .seconds(10))
            maxAttempts = reader.read("gateway.max_attempts", as: .wholeNumber(in: 1...Int.max), default: 10)
            // Each request holds a connection, and notifications in flight are kept in memory.
            maxInFlight = reader.read("gateway.max_in_flight", as: .wholeNumber(in: 1...1024), default: 128)
        }
    }

    /// A service that enriches notifications.
    public struct Service: Hashable, Sendable {
        /// `nil` if events are not checked with the service.
        public var url: HTTPURL?
    }

    public struct HTTP: Hashable, Sendable {
        public var host: String
        /// 0 picks a free port.
        public var port: Int
        /// The port for the health of a process without the role `service`; 0 picks a free port.
        public var healthPort: Int
        /// Without tokens every request is allowed, and the API listens only on loopback.
        public var tokens: [AccessToken]
        public var tls: TLS

        init(reading reader: inout SettingsReader) {
            host = reader.read("http.host", as: .host, default: "127.0.0.1")
            port = reader.read("http.port", as: .wholeNumber(in: 0...65_535), default: 8080)
            healthPort = reader.read("http.health_port", as: .wholeNumber(in: 0...65_535), default: 0)
            tokens = reader.read("http.tokens", as: .accessTokens, default: [])
            tls = TLS(reading: &reader)
        }
    }

    /// PEM files; without them the API is plain HTTP.
    public struct TLS: Hashable, Sendable {
        public var certificate: String?
        public var key: String?

        init(reading reader: inout SettingsReader) {
            certificate = reader.read("http.tls.certificate", as: .path)
            key = reader.read("http.tls.key", as: .path)
        }
    }

    public struct Log: Hashable, Sendable {
        public enum Format: String, Hashable, Sendable, CaseIterable {
            /// For people.
            case text
            /// For machines: one object a line.
            case json
        }

        public var level: Logger.Level
        public var format: Format

        init(reading reader: inout SettingsReader) {
            level = reader.read("log.level", as: .choice, default: .info)
            format = reader.read("log.format", as: .choice, default: .text)
        }
    }

    public struct Tracing: Hashable, Sendable {
        /// The collector for OTLP over HTTP; `nil` if nothing is traced.
        public var url: HTTPURL?
        /// The share of traces that begin here to record, 0 to 1. A trace of a caller follows the caller's flag.
        public var sampleRatio: Double

        init(reading reader: inout SettingsReader) {
            url = reader.read("tracing.url", as: .serviceURL, default: nil)
            sampleRatio = reader.read("tracing.sample_ratio", as: .share, default: 0.1)
        }
    }

    public struct Startup: Hashable, Sendable {
        /// How long to retry servers that cannot be reached.
        public var timeout: Duration

        init(reading reader: inout SettingsReader) {
            timeout = reader.read("startup.timeout", as: .duration(), default: .seconds(30))
        }
    }

    public struct Shutdown: Hashable, Sendable {
        /// The time limit of a graceful shutdown.
        public var timeout: Duration
        /// The part of it in which the API still accepts connections, although it is no longer ready.
        public var drain: Duration

        init(reading reader: inout SettingsReader) {
            timeout = reader.read("shutdown.timeout", as: .duration(), default: .seconds(25))
            drain = reader.read("shutdown.drain", as: .duration(), default: .seconds(1))
        }
    }
}

extension Pruner.Retention {
    fileprivate init(reading reader: inout SettingsReader) {
        self.init()
        events = reader.read("retention.events", as: .duration(atLeast: .seconds(1)), default: events)
        notifications = reader.read(
            "retention.notifications", as: .duration(atLeast: .seconds(1)), default: notifications)
        deadLetters = reader.read("retention.dead_letters", as: .duration(atLeast: .seconds(1)), default: deadLetters)
    }
}
