public import SheafCore
internal import SheafHTTP
internal import SheafKafka

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
