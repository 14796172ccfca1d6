import FoundationEssentials

/// Reads the JSON forms in which events arrive.
public struct EventReader: Sendable {
    /// One event of a body: read, or refused on its own while the others go on.
    public typealias Entry = Result<IncomingEvent, SheafError>

    private let source: String
    private let catalog: EventCatalog?
    private let maximumEvents: Int

    /// - Parameters:
    ///   - source: the scope in which producer ids are unique.
    ///   - catalog: the types whose fields are read in the same pass. Without it they are read from `data` when the
    ///     event is checked.
    ///   - maximumEvents: the maximum events of a body.
    public init(source: String, catalog: EventCatalog?, maximumEvents: Int = 1000) {
        self.source = source
        self.catalog = catalog
        self.maximumEvents = maximumEvents
    }

    /// Reads one event object or an array of them.
    ///
    /// - Throws: ``SheafError`` `invalid` if the body as a whole is not JSON, `too_large` if it has too many events.
    public func json(_ body: [UInt8]) throws(SheafError) -> [Entry] {
        try read(body) { scanner, entry throws(JSONError) in
            try nativeEvent(&scanner, into: &entry)
        }
    }

    /// Reads CloudEvents 1.0 in the JSON format: one object, or an array (the batch format).
    public func cloudEvents(_ body: [UInt8]) throws(SheafError) -> [Entry] {
        try read(body) { scanner, entry throws(JSONError) in
            try cloudEvent(&scanner, into: &entry)
        }
    }

    /// Reads one CloudEvent 1.0 in the JSON format.
    ///
    /// - Parameter position: the id of an event that has none.
    public func cloudEvent(_ body: [UInt8], position: String) -> Entry {
        do throws(SheafError) {
            try checkEncoding(body)
            return try withScanner(body) { scanner throws(JSONError) in
                var entry = Entry.failure(SheafError(.invalid, "is empty"))
                try cloudEvent(&scanner, into: &entry, position: position)
                try scanner.finish()
                return unlessFlawed(entry, &scanner)
            }
        } catch {
            return .failure(error)
        }
    }

    /// Reads newline-delimited JSON. A bad line is refused on its own; empty lines are skipped.
    public func lines(_ body: [UInt8]) throws(SheafError) -> [Entry] {
        var entries: [Entry] = []
        var rest = body[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(line.count + 1)
            if line.allSatisfy(Self.isSpace) { continue }
            guard entries.count < maximumEvents else { throw tooMany }
            entries.append(self.line(line))
        }
        return entries
    }

    /// Reads one line of newline-delimited JSON.
    public func line(_ line: some Collection<UInt8>) -> Entry {
        do throws(SheafError) {
            let bytes = Array(line)
            try checkEncoding(bytes)
            return try withScanner(bytes) { scanner throws(JSONError) in
                var entry = Entry.failure(SheafError(.invalid, "is empty"))
                try nativeEvent(&scanner, into: &entry)
                try scanner.finish()
                return unlessFlawed(entry, &scanner)
            }
        } catch {
            return .failure(error)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private var tooMany: SheafError { SheafError(.tooLarge, "a request holds at most \(maximumEvents) events") }
}

// MARK: - Bodies

extension EventReader {
    private typealias Element = (inout JSONScanner, inout Entry) throws(JSONError) -> Void

    private func read(_ body: [UInt8], _ element: Element) throws(SheafError) -> [Entry] {
        try checkEncoding(body)
        var entries: [Entry] = []
        var isTooLong = false
        try withScanner(body) { scanner throws(JSONError) in
            func one(_ scanner: inout JSONScanner) throws(JSONError) {
                guard entries.count < maximumEvents else {
                    isTooLong = true
                    try scanner.skipValue()
                    return
                }
                var entry = Entry.failure(SheafError(.invalid, "is empty"))
                try element(&scanner, &entry)
                entries.append(unlessFlawed(entry, &scanner))
            }
            if try scanner.nextKind() == .array { try scanner.array(one) } else { try one(&scanner) }
            try scanner.finish()
        }
        if isTooLong { throw tooMany }
        return entries
    }

    private func unlessFlawed(_ entry: Entry, _ scanner: inout JSONScanner) -> Entry {
        guard let flaw = scanner.takeFlaw() else { return entry }
        return .failure(SheafError(.invalid, flaw))
    }

    private func checkEncoding(_ bytes: [UInt8]) throws(SheafError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw SheafError(.invalid, "is not valid UTF-8")
        }
    }

    private func withScanner<R>(
        _ bytes: [UInt8], _ body: (inout JSONScanner) throws(JSONError) -> R
    ) throws(SheafError) -> R {
        let result: Result<R, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(buffer)
            return Result { () throws(JSONError) in try body(&scanner) }
        }
        do throws(JSONError) { return try result.get() } catch {
            throw SheafError(.invalid, "is not valid JSON: \(error.message) (byte \(error.offset))")
        }
    }
}

// MARK: - Sheaf's own form

extension EventReader {
    private func nativeEvent(_ scanner: inout JSONScanner, into entry: inout Entry) throws(JSONError) {
        var fields = EventFields(catalog)
        guard try fields.beginObject(&scanner, into: &entry) else { return }
        try scanner.object { scanner, name throws(JSONError) in try fields.member(name, &scanner) }
        entry = fields.event(source: source)
    }
}

// MARK: - CloudEvents

extension EventReader {
    private func cloudEvent(
        _ scanner: inout JSONScanner, into entry: inout Entry, position: String? = nil
    ) throws(JSONError) {
        var fields = EventFields(catalog)
        guard try fields.beginObject(&scanner, into: &entry) else { return }
        var version: String?
        try scanner.object { scanner, name throws(JSONError) in
            switch name {
            case "specversion": version = try fields.string("specversion", &scanner)
            case "id": fields.id = try fields.string("id", &scanner)
            case "source": fields.source = try fields.string("source", &scanner)
            case "type": fields.type = try fields.string("type", &scanner)
            case "time": fields.occurredAt = try fields.time("time", &scanner)
            case "traceparent": fields.traceParent = try fields.string("traceparent", &scanner)
            case "tracestate": fields.traceState = try fields.string("tracestate", &scanner)
            case "data": fields.data = try fields.object("data", &scanner)
            case "data_base64":
                if let text = try fields.string("data_base64", &scanner) { decode(text, into: &fields) }
            default: try scanner.skipValue()
            }
        }
        fields.id = fields.id ?? position
        entry = fields.cloudEvent(version: version)
    }

    /// Reads data that was sent as bytes, which must be JSON too.
    private func decode(_ text: String, into fields: inout EventFields) {
        let before = fields
        do throws(SheafError) {
            guard let data = Data(base64Encoded: text) else { throw SheafError(.invalid, "is not Base64") }
            let bytes = Array(data)
            try checkEncoding(bytes)
            fields = try withScanner(bytes) { scanner throws(JSONError) in
                var read = before
                read.data = try read.object("data", &scanner)
                try scanner.finish()
                if let flaw = scanner.takeFlaw() { read.refuse("data_base64", flaw) }
                return read
            }
        } catch {
            fields.refuse("data_base64", error.message)
        }
    }

    /// A CloudEvent in binary mode: the attributes from headers, the data from the body.
    ///
    /// - Parameter attributes: the attributes by name, without the `ce-` prefix, values decoded.
    public func binaryCloudEvent(_ attributes: [String: String], data: [UInt8]) throws(SheafError) -> Entry {
        try checkEncoding(data)
        for name in attributes.keys.sorted() where attributes[name]?.utf8.contains(0) == true {
            throw SheafError(.invalid, field: String(name.prefix(100)), "a string may not hold U+0000")
        }
        var fields = EventFields(catalog)
        fields.id = attributes["id"]
        fields.source = attributes["source"]
        fields.type = attributes["type"]
        fields.traceParent = attributes["traceparent"]
        fields.traceState = attributes["tracestate"]
        if let time = attributes["time"] { fields.occurredAt = fields.time("time", time) }
        return try withScanner(data) { scanner throws(JSONError) in
            fields.data = try fields.object("data", &scanner)
            try scanner.finish()
            return unlessFlawed(fields.cloudEvent(version: attributes["specversion"]), &scanner)
        }
    }

    /// The event in a message of a business topic: the whole object is `data`, `seller_id` is the recipient, and
    /// `event_id` the producer's id.
    ///
    /// - Parameter position: the id of a message without `event_id`: topic, partition and offset.
    public func topicMessage(_ body: [UInt8], topic: String, position: String) -> Entry {
        do throws(SheafError) {
            try checkEncoding(body)
            return try withScanner(body) { scanner throws(JSONError) in
                var fields = EventFields(catalog)
                fields.type = topic
                fields.data = try fields.object("data", &scanner)
                try scanner.finish()
                return unlessFlawed(fields.topicMessage(topic: topic, position: position), &scanner)
            }
        } catch {
            return .failure(error)
        }
    }
}
