extension BadCase {
    static let all = unknown + values + addresses + secrets + combinations + files

    private static let unknown = [
        BadCase(yaml: "gatway: {url: console}", "gatway.url: ", "is no setting of Sheaf", "did you mean gateway.url?"),
        BadCase(yaml: "gateway.timout: 1s", "gateway.timout: ", "did you mean gateway.timeout?"),
        BadCase(yaml: "gateway: {maxAttempts: 1}", "did you mean gateway.max_attempts?"),
        BadCase(yaml: "gateway: {max-attempts: 1}", "did you mean gateway.max_attempts?"),
        BadCase(yaml: "port: 8080", "port: is no setting", "did you mean http.port?"),
        BadCase(yaml: "frobnicate: 1", "frobnicate: is no setting of Sheaf"),
        BadCase(yaml: "Store: {URL: store}", "Store.URL: ", "did you mean store.url?"),
        BadCase(yaml: "store: sqlite:a.db", "store: takes keys under it, not a value"),
        BadCase(yaml: "types: 3", "types: takes keys under it"),
        BadCase(yaml: "types: {sale_item_changed: debounced}", "types.sale_item_changed: takes keys under it"),
        BadCase(yaml: "kafka: {options: x}", "kafka.options: takes keys under it"),
        BadCase(yaml: "gateway: {timeout: {seconds: 1}}", "gateway.timeout: takes a value, and has keys under it"),
        BadCase(
            yaml: "types: {sale_item_chnged: {window: 1s, mode: sliding}}",
            "types.sale_item_chnged: is no event type; did you mean sale_item_changed?"),
        BadCase(
            yaml: "types: {order_shipped: {window: 1s}}",
            "types.order_shipped: is no event type; there are sale_item_changed, sale_seller_status_changed and "
                + "seller_promocode_limit_reached"),
        BadCase(
            yaml: "types: {sale_item_changed: {windw: 1s}}",
            "types.sale_item_changed.windw: ", "did you mean types.sale_item_changed.window?"),
        BadCase(json: #"{"http": {"prot": 1}}"#, "http.prot: ", "did you mean http.port?"),
        BadCase("GATWAY_URL", "console", "did you mean SHEAF_GATEWAY_URL?"),
        BadCase("FROBNICATE", "1", "is no setting of Sheaf"),
        BadCase("TYPES_SALE_ITEM_CHANGED_WINDOWS", "1s", "did you mean SHEAF_TYPES_SALE_ITEM_CHANGED_WINDOW?"),
        BadCase("TYPES_SALE_ITM_CHANGED_MAX_WAIT", "1s", "did you mean SHEAF_TYPES_SALE_ITEM_CHANGED_MAX_WAIT?"),
        BadCase("KAFKA_OPTIONS_", "1", "is no setting of Sheaf"),
        BadCase("http_port", "1", "did you mean SHEAF_HTTP_PORT?"),
    ]

    private static let values = [
        BadCase(
            yaml: "gateway: {timeout: 10}", "gateway.timeout: '10' is not a duration; write 500ms, 2s, 5m, 1h or 7d"),
        BadCase(yaml: "gateway: {timeout: -1s}", "'-1s' is not a duration"),
        BadCase(yaml: "gateway: {timeout: 1.5s}", "'1.5s' is not a duration"),
        BadCase(yaml: "gateway: {timeout: 0s}", "'0s' is too short; write 1ms or more"),
        BadCase(yaml: "gateway: {timeout: 99999999999999999999h}", "is not a duration"),
        BadCase(yaml: "gateway: {timeout: [1s]}", "gateway.timeout: takes one value, not a list"),
        BadCase(yaml: "gateway: {timeout: }", "gateway.timeout: is empty; leave it out for the default"),
        BadCase(json: #"{"startup": {"timeout": 30}}"#, "startup.timeout: '30' is not a duration"),
        BadCase(json: #"{"shutdown": {"timeout": true}}"#, "shutdown.timeout: 'true' is not a duration"),
        BadCase("TYPES_SALE_ITEM_CHANGED_WINDOW", "60", "'60' is not a duration"),
        BadCase(yaml: "types: {sale_item_changed: {window: 0ms}}", "'0ms' is too short"),
        BadCase(yaml: "types: {sale_item_changed: {max_wait: soon}}", "types.sale_item_changed.max_wait: 'soon'"),
        BadCase(yaml: "types: {sale_item_changed: {max_events: 0}}", "'0' is not a whole number, from 1 on"),
        BadCase(
            yaml: "types: {sale_item_changed: {delivery: later}}",
            "'later' is not a choice here; write immediate or debounced"),
        BadCase(yaml: "types: {sale_item_changed: {mode: Sliding}}", "write tumbling, sliding or leading"),
        BadCase(
            yaml: "gateway: {max_in_flight: 1025}", "gateway.max_in_flight: '1025' is not a whole number, 1 to 1024"),
        BadCase(yaml: "gateway: {max_attempts: 0}", "gateway.max_attempts: '0' is not a whole number, from 1 on"),
        BadCase(yaml: "http: {port: 65536}", "http.port: '65536' is not a whole number, 0 to 65535"),
        BadCase(yaml: "http: {port: -1}", "'-1' is not a whole number, 0 to 65535"),
        BadCase(yaml: "http: {port: 80.5}", "'80.5' is not a whole number"),
        BadCase(yaml: "http: {port: '+80'}", "'+80' is not a whole number"),
        BadCase(json: #"{"http": {"port": true}}"#, "http.port: 'true' is not a whole number"),
        BadCase(json: #"{"http": {"port": 1e30}}"#, "http.port: '1e+30' is not a whole number"),
        BadCase("HTTP_PORT", "http", "'http' is not a whole number"),
        BadCase("HTTP_PORT", "", "is empty"),
        BadCase("HTTP_PORT", "8\n0", "'8·0' is not a whole number"),
        BadCase(yaml: "redis: {shards: 0}", "redis.shards: '0' is not a whole number, 1 to 1024"),
        BadCase("INGEST_MAX_PENDING", "0", "from 1 on"),
        BadCase("INGEST_MAX_BACKLOG", "5_000_000", "'5_000_000' is not a whole number"),
        BadCase(
            yaml: "store: {synchronous: off}", "store.synchronous: 'off' is not a choice here; write full or normal"),
        BadCase(yaml: "locale: de", "locale: 'de' is not a choice here; write ru or en"),
        BadCase(yaml: "time_zone: MSK", "time_zone: 'MSK' is not a time zone; write an IANA name, as Europe/Moscow"),
        BadCase(yaml: "time_zone: +03:00", "is not a time zone"),
        BadCase(yaml: "tracing: {sample_ratio: 1.5}", "a number from 0 to 1"),
        BadCase(yaml: "tracing: {sample_ratio: -1}", "a number from 0 to 1"),
        BadCase(yaml: "log: {level: verbose}", "trace, debug, info, notice, warning, error or critical"),
        BadCase(yaml: "log: {format: xml}", "log.format: 'xml' is not a choice here; write text or json"),
        BadCase(yaml: "kafka: {group: a b}", "kafka.group: 'a b' has white space in it"),
        BadCase(yaml: "kafka: {topic_prefix: a/b}", "kafka.topic_prefix: 'a/b' cannot begin a topic's name"),
        BadCase("LOCALE", String(repeating: "x", count: 100), "'" + String(repeating: "x", count: 60) + "…'"),
    ]

    private static let addresses = [
        BadCase(
            yaml: "store: {url: mysql://h/d}",
            "store.url: an address with 'mysql:' is not taken here; write sqlite:PATH"),
        BadCase(yaml: "store: {url: sheaf.db}", "is not an address; write sqlite:PATH or postgres://"),
        BadCase(yaml: "store: {url: 'sqlite:'}", "names no file; write sqlite:PATH"),
        BadCase(yaml: "store: {url: 'sqlite:///var/a.db'}", "write sqlite:PATH, without '//'"),
        BadCase("STORE_URL", "postgres://u:p@h:99999/d", "a port is not a number from 1 to 65535"),
        BadCase("STORE_URL", "postgres:u:p@h/d", "is not a PostgreSQL address; write postgres://"),
        BadCase("STORE_URL", "postgres://u:p@h,/d?port=1,2,3", "another number of ports than of hosts"),
        BadCase("STORE_URL", "postgres://u:p@ss@h/d", "write %40 for '@'"),
        BadCase("STORE_URL", "postgres://u:p/ss@h/d", "%2F for '/'"),
        BadCase("STORE_URL", "postgres://u:50%@h/d", "%25 for '%'"),
        BadCase("STORE_URL", "postgres://u@h/d?schema=public", "has a parameter 'schema' that libpq does not know"),
        BadCase("STORE_URL", "postgres://u@h/d?sslmode=verify", "has a value that libpq does not take for 'sslmode'"),
        BadCase("STORE_URL", "postgres://u@h/d?connect_timeout=5s", "no number in the parameter 'connect_timeout'"),
        BadCase("STORE_URL", "postgres://u@h/d?target_session_attrs=standby", "leave out target_session_attrs"),
        BadCase("DEBOUNCER_URL", "memcached://h", "'memcached:' is not taken here; write store or redis://"),
        BadCase("DEBOUNCER_URL", "redis://h:6379/x", "is not a Redis address"),
        BadCase("DEBOUNCER_URL", "redis://h:port", "is not a Redis address"),
        BadCase("DEBOUNCER_URL", "redis://user@h", "is not a Redis address"),
        BadCase("DEBOUNCER_URL", "redis://h?cacert=/ca.pem", "is not a Redis address"),
        BadCase("DEBOUNCER_URL", "rediss://h?cacert=", "is not a Redis address"),
        BadCase("DEBOUNCER_URL", "rediss://h?cacert=/ca.pem&verify=no", "is not a Redis address"),
        BadCase("QUEUE_URL", "none", "is not an address; write store or kafka://host:port"),
        BadCase("QUEUE_URL", "kafka://h", "broker 1 is not host:port"),
        BadCase("QUEUE_URL", "kafka://h:1,", "broker 2 is not host:port"),
        BadCase("QUEUE_URL", "kafka://h:1,i:2/x", "broker 2 is not host:port"),
        BadCase("DATABUS_URL", "store", "is not an address; write none or kafka://"),
        BadCase(yaml: "databus: {url: ['kafka://a:1', b]}", "databus.url: broker 2 is not host:port"),
        BadCase(
            yaml: "gateway: {url: 'ftp://h'}",
            "gateway.url: an address with 'ftp:' is not taken here; write console, http"),
        BadCase(yaml: "gateway: {url: gateway.example}", "is not an address"),
        BadCase(yaml: "gateway: {url: 'http://'}", "is not the address of a service"),
        BadCase(yaml: "gateway: {url: 'http://h/?a=b'}", "without user, password and query"),
        BadCase(yaml: "sales: {url: console}", "sales.url: is not an address; write none, http"),
        BadCase(yaml: "items: {url: 'http://h:x'}", "items.url: is not the address of a service"),
        BadCase(yaml: "http: {host: 'http://127.0.0.1'}", "http.host: ", "is not a host"),
        BadCase(yaml: "http: {host: '127.0.0.1:80'}", "without a port"),
    ]

    private static let secrets = [
        BadCase(
            yaml: "gateway: {secret: MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}", "gateway.secret: does not begin with 'whsec_'"),
        BadCase(yaml: "gateway: {secret: 'whsec_?'}", "gateway.secret: has something else than base64 after 'whsec_'"),
        BadCase("GATEWAY_SECRET", "whsec_", "has no key after 'whsec_'"),
        BadCase("GATEWAY_SECRET", "", "is empty"),
        BadCase(yaml: "http: {tokens: [abc]}", "http.tokens: entry 1 is not token:scope[+scope]"),
        BadCase(yaml: "http: {tokens: ['a:read', 'b:write']}", "http.tokens: entry 2 is not token:scope[+scope]"),
        BadCase(yaml: "http: {tokens: 'a:read,a:admin'}", "http.tokens: entry 2 has the token of entry 1"),
        BadCase(yaml: "http: {tokens: {a: read}}", "http.tokens: takes a value, and has keys under it"),
        BadCase("HTTP_TOKENS", "a:read,", "entry 2 is not token:scope"),
        BadCase("HTTP_TOKENS", "a:read+", "entry 1 is not token:scope"),
        BadCase("HTTP_TOKENS", ":read", "entry 1 is not token:scope"),
        BadCase(
            yaml: "http: {tls: {certificate: '', key: k}}",
            "http.tls.certificate: is empty; leave it out for the default"),
        BadCase("HTTP_TOKENS", "", "is empty; leave it out for no tokens"),
    ]

    private static let combinations = [
        BadCase(yaml: "kafka: {options: {no.such: 1}}", "kafka.options.no.such: librdkafka does not know this setting"),
        BadCase(
            yaml: "kafka: {options: {linger.ms: x}}", "kafka.options.linger.ms: librdkafka does not accept this value"),
        BadCase("KAFKA_GROUP", "\u{FFFD}", "is not UTF-8 text"),
        BadCase("KAFKA_OPTIONS_ACKS", "1", "kafka.options.acks: may not be set"),
        BadCase(
            yaml: "http: {host: 0.0.0.0}", "http.host: '0.0.0.0' can be reached by others, which needs http.tokens"),
        BadCase(yaml: "http: {host: '::', tokens: []}", "http.host: '::' can be reached by others"),
        BadCase("HTTP_HOST", "127.0.0.1.example.com", "can be reached by others"),
        BadCase(
            yaml: "types: {sale_item_changed: {mode: sliding, window: 2m, max_wait: 1m}}",
            "types.sale_item_changed.max_wait: ", "waits at most max_wait, 1m, which is less than the window, 2m"),
        BadCase(
            yaml: "types: {sale_item_changed: {mode: sliding, window: 1h}}",
            "types.sale_item_changed.window: ", "max_wait, 10m, which is less than the window, 1h"),
    ]

    private static let files = [
        BadCase(yaml: "a:\n  b: 1\n c: 2", "sheaf.yaml: line 3, column 2: is not YAML: "),
        BadCase(yaml: "a: b: c", "sheaf.yaml: line 1, column 5: is not YAML: mapping values are not allowed"),
        BadCase(yaml: "locale: \"en", "sheaf.yaml: line 1, column ", "is not YAML", "while scanning a quoted scalar"),
        BadCase(yaml: "locale: @en", "sheaf.yaml: line 1, column 9: is not YAML"),
        BadCase(yaml: "locale: en\nlocale: ru", "sheaf.yaml: line 1: locale is in the file twice"),
        BadCase(yaml: "http.port: 1\nhttp: {port: 2}", "sheaf.yaml: http.port: is in the file twice"),
        BadCase(yaml: "- a\n- b", "sheaf.yaml: is not laid out as settings: Top level YAML value is not a mapping"),
        BadCase(yaml: "http: {tokens: [{a: read}]}", "is not laid out as settings: ", "http.tokens at index: 0"),
        BadCase(yaml: "--- {}\n---\n{}", "is not YAML: but found another document"),
        BadCase(json: "{\n \"locale\": en}", "sheaf.json: line 2, column 12: is not JSON"),
        BadCase(json: "{", "sheaf.json: is not JSON; its end may be missing"),
        BadCase(json: "", "sheaf.json: is not JSON"),
        BadCase(json: "[1]", "sheaf.json: is not laid out as settings: The top-level value"),
        BadCase(json: #"{"http": {"port": 1}, "http.port": 2}"#, "sheaf.json: http.port: is in the file twice"),
        BadCase(json: #"{"http": {"tokens": [["a"]]}}"#, "is not laid out as settings: ", "http.tokens.0"),
    ]
}
