public import SheafCore
internal import SheafEngine
internal import SheafHTTP
internal import SheafKafka
internal import SheafRedis

extension Settings {
    /// The settings in `file`, overridden by those in the environment.
    ///
    /// - Parameters:
    ///   - file: the path of a YAML or JSON file; `nil` for none.
    ///   - types: the event types by name, each with its own delivery policy, which can be configured.
    /// - Throws: all mistakes at once.
    public static func load(
        file: String? = nil, environment: [String: String], types: [String: DeliveryPolicy]
    ) throws(ConfigurationError) -> Settings {
        var sources: [any SettingsSource] = [EnvironmentSource(environment)]
        var unreadable: ConfigurationProblem?
        do {
            if let file { sources.append(try FileSource(path: file)) }
        } catch { unreadable = error }

        var reader = SettingsReader(sources: sources, types: types.keys.sorted())
        let settings = Settings(reading: &reader)
        // If the file is unreadable, it may hold the very setting that a combination lacks.
        if unreadable == nil { settings.checkCombinations(&reader, types) }
        reader.refuseUnknown()
        let problems = [unreadable].compactMap(\.self) + reader.problems
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return settings
    }

    init(reading reader: inout SettingsReader) {
        self.init()
        reader.read("store.url", as: .storeURL, into: &store.url)
        reader.read("store.synchronous", as: .choice, into: &store.synchronous)
        reader.read("ingest.max_pending", as: .wholeNumber(in: 1...Int.max), into: &ingest.maxPending)
        reader.read("ingest.max_backlog", as: .wholeNumber(in: 1...Int.max), into: &ingest.maxBacklog)
        reader.read("debouncer.url", as: .debouncerURL, into: &debouncer.url)
        // The lease is extended after a third of it, and a database may take a second to respond.
        reader.read("debouncer.lease", as: .duration(atLeast: .seconds(3)), into: &debouncer.lease)
        reader.read("queue.url", as: .queueURL, into: &queue.url)
        reader.read("databus.url", as: .databusURL, into: &databus.url)
        reader.read("kafka.group", as: .name, into: &kafka.group)
        reader.read("kafka.topic_prefix", as: .topicPrefix, into: &kafka.topicPrefix)
        reader.readAll(under: "kafka.options", into: &kafka.options)
        reader.read("redis.shards", as: .wholeNumber(in: 1...RedisOptions.maximumShards), into: &redis.shards)
        reader.read("gateway.url", as: .gatewayURL, into: &gateway.url)
        reader.read("gateway.secret", as: .signingSecret, into: &gateway.secret)
        reader.read("gateway.timeout", as: .duration(atLeast: .milliseconds(1)), into: &gateway.timeout)
        reader.read("gateway.max_attempts", as: .wholeNumber(in: 1...Int.max), into: &gateway.maxAttempts)
        // Each request holds a connection, and notifications in flight are kept in memory.
        reader.read("gateway.max_in_flight", as: .wholeNumber(in: 1...1024), into: &gateway.maxInFlight)
        reader.read("sales.url", as: .serviceURL, into: &sales.url)
        reader.read("items.url", as: .serviceURL, into: &items.url)
        reader.read("http.host", as: .host, into: &http.host)
        reader.read("http.port", as: .wholeNumber(in: 0...65_535), into: &http.port)
        reader.read("http.health_port", as: .wholeNumber(in: 0...65_535), into: &http.healthPort)
        reader.read("http.tokens", as: .accessTokens, into: &http.tokens)
        reader.read("http.tls.certificate", as: .path, into: &http.tls.certificate)
        reader.read("http.tls.key", as: .path, into: &http.tls.key)
        reader.read("types.folder", as: .path, into: &typesFolder)
        if typesFolder != nil { reader.takeTypes() }
        for name in reader.types { types[name] = TypeSettings(reading: &reader, name: name) }
        reader.read("retention.events", as: .duration(atLeast: .seconds(1)), into: &retention.events)
        reader.read("retention.notifications", as: .duration(atLeast: .seconds(1)), into: &retention.notifications)
        reader.read("retention.dead_letters", as: .duration(atLeast: .seconds(1)), into: &retention.deadLetters)
        reader.read("locale", as: .choice, into: &locale)
        reader.read("time_zone", as: .timeZone, into: &timeZone)
        reader.read("log.level", as: .choice, into: &log.level)
        reader.read("log.format", as: .choice, into: &log.format)
        reader.read("tracing.url", as: .serviceURL, into: &tracing.url)
        reader.read("tracing.sample_ratio", as: .share, into: &tracing.sampleRatio)
        reader.read("startup.timeout", as: .duration(), into: &startup.timeout)
        reader.read("shutdown.timeout", as: .duration(), into: &shutdown.timeout)
        reader.read("shutdown.drain", as: .duration(), into: &shutdown.drain)
    }

    /// Refuses values that are valid on their own but not together.
    private func checkCombinations(_ reader: inout SettingsReader, _ own: [String: DeliveryPolicy]) {
        if http.tokens.isEmpty, ListenHost(http.host)?.isLoopback == false {
            reader.refuse(
                ["http.host", "http.tokens"],
                "\(http.host.quoted) can be reached by others, which needs http.tokens; write 127.0.0.1 or set tokens")
        }
        // The check needs no brokers.
        let options = KafkaOptions(brokers: "", group: kafka.group, options: kafka.options.mapValues(\.exposed))
        do throws(SheafError) { try options.validate() } catch {
            reader.refuse([error.field].compactMap(\.self), error.message)
        }
        for (name, settings) in types.sorted(by: { $0.key < $1.key }) {
            // Other types declare their policies in their files.
            guard let own = own[name] else { continue }
            let window = settings.window(over: own)
            guard window.mode == .sliding, window.maxWait < window.length else { continue }
            reader.refuse(
                ["max_wait", "window", "mode"].map { "types.\(name).\($0)" },
                "a sliding window waits at most max_wait, \(window.maxWait.text), which is less than the window, "
                    + window.length.text)
        }
    }
}

extension TypeSettings {
    /// The last parts of a type's keys.
    static let members = ["delivery", "window", "mode", "max_wait", "max_events"]

    fileprivate init(reading reader: inout SettingsReader, name: String) {
        self.init()
        reader.read("types.\(name).delivery", as: .choice, into: &delivery)
        reader.read("types.\(name).window", as: .duration(atLeast: .milliseconds(1)), into: &window)
        reader.read("types.\(name).mode", as: .choice, into: &mode)
        reader.read("types.\(name).max_wait", as: .duration(atLeast: .milliseconds(1)), into: &maxWait)
        reader.read("types.\(name).max_events", as: .wholeNumber(in: 1...Int.max), into: &maxEvents)
    }
}
