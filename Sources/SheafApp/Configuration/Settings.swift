public import Logging
public import SheafCore
public import SheafEngine
public import SheafHTTP

/// The whole configuration, parsed and checked; a new value holds the defaults.
///
/// Whatever prints it shows no password, key or token.
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
    /// By the type's name; each type that the loader knows is here, and with a folder each that is configured.
    public var types: [String: TypeSettings] = [:]
    /// The language of the built-in texts.
    public var locale = Language.russian
    /// The zone of recipients who named none, as an IANA name.
    public var timeZone = "UTC"
    public var retention = Pruner.Retention()
    public var log = Log()
    public var tracing = Tracing()
    public var startup = Startup()
    public var shutdown = Shutdown()

    public init() {}

    /// What holds for recipients who said nothing else.
    public var recipientDefaults: RecipientDescription {
        RecipientDescription(locale: locale.rawValue, timeZone: timeZone)
    }
}

extension Settings {
    public struct Store: Hashable, Sendable {
        /// When a commit is on the disk.
        public enum Synchronous: String, Hashable, Sendable, CaseIterable {
            /// Before it returns: it survives a power cut.
            case full
            /// Soon: it survives the process' end, and a power cut may undo the last ones.
            case normal
        }

        public var url = StoreURL.sqlite(path: "sheaf.db")
        /// Of SQLite; PostgreSQL has its own setting.
        public var synchronous = Synchronous.full
    }

    public struct Ingest: Hashable, Sendable {
        /// The events that may wait in memory for their commit.
        public var maxPending = 20_000
        /// The outbox rows beyond which the intake takes nothing more.
        public var maxBacklog = 5_000_000
    }

    public struct Debouncer: Hashable, Sendable {
        public var url = DebouncerURL.store
        /// How long a worker holds windows that are due before another may take them over.
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
        /// Settings of librdkafka by their names there; passwords may be among them.
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
        /// For one attempt.
        public var timeout = Duration.seconds(10)
        public var maxAttempts = 10
        /// Requests at the same time, of one process.
        public var maxInFlight = 128
    }

    /// A service that enriches notifications.
    public struct Service: Hashable, Sendable {
        /// `nil` if what events say is not checked.
        public var url: HTTPURL?
    }

    public struct HTTP: Hashable, Sendable {
        public var host = "127.0.0.1"
        /// 0 takes a free one.
        public var port = 8080
        /// Where a process without the role `service` reports its health; 0 takes a free one.
        public var healthPort = 0
        /// Without tokens everything is allowed, and only loopback is bound.
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
            /// For machines: an object a line.
            case json
        }

        public var level = Logger.Level.info
        public var format = Format.text
    }

    public struct Tracing: Hashable, Sendable {
        /// The collector that takes OTLP over HTTP; `nil` if nothing is traced.
        public var url: HTTPURL?
        /// The share of the traces that begin here which is recorded, 0 to 1. One that a caller began goes by its flag.
        public var sampleRatio = 0.1
    }

    public struct Startup: Hashable, Sendable {
        /// How long servers that cannot be reached are tried again.
        public var timeout = Duration.seconds(30)
    }

    public struct Shutdown: Hashable, Sendable {
        /// How long a graceful end may take.
        public var timeout = Duration.seconds(25)
        /// How long of it the API still takes connections, though it is ready no more.
        public var drain = Duration.seconds(1)
    }
}
