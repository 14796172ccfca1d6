public import Logging
public import SheafCore
public import SheafEngine
public import SheafHTTP

/// The whole configuration, parsed and checked; a new value holds the defaults.
///
/// Its printed form shows no password, key or token.
public struct Settings: Hashable, Sendable {
    public var store = Store()
    public var ingest = Ingest()
    public var debouncer = Debouncer()
    public var queue = Queue()
    public var databus = Databus()
    public var kafka = Kafka()
    public var redis = Redis()
    public var gateway = Gateway()
    public var sales = Service()
    public var items = Service()
    public var http = HTTP()
    /// The folder of types that are declared in files; `nil` if there is none.
    public var typesFolder: String?
    /// By type name: each type that the loader knows and, if there is a folder, each type that is configured.
    public var types: [String: TypeSettings] = [:]
    /// The language of the built-in texts.
    public var locale = Language.russian
    /// The time zone of recipients who named none, as an IANA name.
    public var timeZone = "UTC"
    public var retention = Pruner.Retention()
    public var log = Log()
    public var tracing = Tracing()
    public var startup = Startup()
    public var shutdown = Shutdown()

    public init() {}

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

        public var url = StoreURL.sqlite(path: "sheaf.db")
        /// For SQLite; PostgreSQL has its own setting.
        public var synchronous = Synchronous.full
    }

    public struct Ingest: Hashable, Sendable {
        /// The maximum events that wait in memory for their commit.
        public var maxPending = 20_000
        /// The number of outbox rows above which events are refused.
        public var maxBacklog = 5_000_000
    }

    public struct Debouncer: Hashable, Sendable {
        public var url = DebouncerURL.store
        /// How long a worker holds claimed windows before another may claim them.
        public var lease = Duration.seconds(30)
    }

    public struct Queue: Hashable, Sendable {
        public var url = QueueURL.store
    }

    public struct Databus: Hashable, Sendable {
        /// `nil` if no business topics are read.
        public var url: KafkaURL?
    }

    public struct Kafka: Hashable, Sendable {
        /// The consumer group.
        public var group = "sheaf"
        /// A prefix of the names of the queue's topics.
        public var topicPrefix = ""
        /// Settings of librdkafka by name; some may be passwords.
        public var options: [String: Secret] = [:]
    }

    public struct Redis: Hashable, Sendable {
        /// The hash-tagged shards of the debouncer.
        public var shards = 1
    }

    public struct Gateway: Hashable, Sendable {
        public var url = GatewayURL.console
        /// `whsec_` and base64; requests are signed if it is set.
        public var secret: Secret?
        /// The time limit of one attempt.
        public var timeout = Duration.seconds(10)
        public var maxAttempts = 10
        /// The maximum concurrent requests of one process.
        public var maxInFlight = 128
    }

    /// A service that enriches notifications.
    public struct Service: Hashable, Sendable {
        /// `nil` if events are not checked with the service.
        public var url: HTTPURL?
    }

    public struct HTTP: Hashable, Sendable {
        public var host = "127.0.0.1"
        /// 0 picks a free port.
        public var port = 8080
        /// The port for the health of a process without the role `service`; 0 picks a free port.
        public var healthPort = 0
        /// Without tokens every request is allowed, and the API listens only on loopback.
        public var tokens: [AccessToken] = []
        public var tls = TLS()
    }

    /// PEM files; without them the API is plain HTTP.
    public struct TLS: Hashable, Sendable {
        public var certificate: String?
        public var key: String?
    }

    public struct Log: Hashable, Sendable {
        public enum Format: String, Hashable, Sendable, CaseIterable {
            /// For people.
            case text
            /// For machines: one object a line.
            case json
        }

        public var level = Logger.Level.info
        public var format = Format.text
    }

    public struct Tracing: Hashable, Sendable {
        /// The collector for OTLP over HTTP; `nil` if nothing is traced.
        public var url: HTTPURL?
        /// The share of traces that begin here to record, 0 to 1. A trace of a caller follows the caller's flag.
        public var sampleRatio = 0.1
    }

    public struct Startup: Hashable, Sendable {
        /// How long to retry servers that cannot be reached.
        public var timeout = Duration.seconds(30)
    }

    public struct Shutdown: Hashable, Sendable {
        /// The time limit of a graceful shutdown.
        public var timeout = Duration.seconds(25)
        /// The part of it in which the API still accepts connections, although it is no longer ready.
        public var drain = Duration.seconds(1)
    }
}
