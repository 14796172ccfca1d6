public import SheafCore

/// Reads the events in records of business topics: plain JSON of the marketplace, or CloudEvents 1.0, structured,
/// batched or binary (CloudEvents Kafka Protocol Binding 1.0.2, section 3).
public struct DatabusReader: Sendable {
    /// The maximum number of events in a batch.
    static let maximumEvents = 1000

    private let reader: EventReader

    /// - Parameter catalog: the types whose fields are read in the same pass.
    public init(catalog: EventCatalog?) {
        reader = EventReader(source: "databus", catalog: catalog, maximumEvents: 1)
    }

    /// The events in `record`, in order: each event, or the reason why it is unusable. A record without a value (a
    /// tombstone) holds none.
    public func entries(in record: SourceRecord) -> [RecordEntry] {
        guard var value = record.value else { return [] }
        value.removeByteOrderMark()
        let entries = read(value, record)
        let state = record.header("tracestate")
        guard let trace = record.header("traceparent").flatMap({ TraceContext(parent: $0, state: state) }) else {
            return entries
        }
        return entries.map { $0.joined(to: trace.description) }
    }

    private func read(_ value: [UInt8], _ record: SourceRecord) -> [RecordEntry] {
        let type = record.header("content-type")?.lowercased() ?? ""
        if type.hasPrefix("application/cloudevents") { return structured(value, record) }
        if record.isBinaryCloudEvent {
            let entry = Result { () throws(SheafError) in
                try reader.binaryCloudEvent(record.cloudEventAttributes.values(), data: value)
            }
            return [RecordEntry(entry.flatMap(\.self), value)]
        }
        let entry = reader.topicMessage(value, topic: record.topic, position: record.position)
        // Producers that set no headers may also send the structured form. Its value has no recipient where plain JSON
        // has one.
        if type.isEmpty, case .failure = entry {
            let events = structured(value, record)
            if events.contains(where: \.isEvent) { return events }
        }
        return [RecordEntry(entry, value)]
    }

    /// The CloudEvents in JSON format, one or a batch, whatever content type the record names. An event without an id
    /// gets one made from its position.
    private func structured(_ value: [UInt8], _ record: SourceRecord) -> [RecordEntry] {
        guard value.first(where: { !Self.isSpace($0) }) == UInt8(ascii: "[") else {
            return [RecordEntry(reader.cloudEvent(value, position: record.position), value)]
        }
        do throws(SheafError) {
            let elements = try EventReader.elements(of: value, limit: Self.maximumEvents)
            return elements.enumerated().map { index, element in
                let element = Array(element)
                let entry = reader.cloudEvent(element, position: "\(record.position)/\(index)")
                return RecordEntry(entry, element, index: index)
            }
        } catch {
            return [RecordEntry(.failure(error), value)]
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}

/// One event of a record, or the reason why it is unusable.
public struct RecordEntry: Sendable {
    public let entry: EventReader.Entry
    /// The part of the record's value that was read.
    let value: [UInt8]
    /// The event's index in the record's batch, counted from 0; `nil` if the record is no batch.
    let index: Int?

    fileprivate init(_ entry: EventReader.Entry, _ value: [UInt8], index: Int? = nil) {
        self.entry = entry
        self.value = value
        self.index = index
    }

    fileprivate var isEvent: Bool { if case .success = entry { true } else { false } }

    fileprivate func joined(to trace: String) -> RecordEntry {
        RecordEntry(entry.map { $0.joined(to: trace) }, value, index: index)
    }
}

extension SourceRecord {
    /// The record's position, as shown to people and used in ids.
    var position: String { "\(topic)/\(partition)/\(offset)" }

    /// The value of a header; `nil` if there is none, or it is not UTF-8.
    func header(_ name: String) -> String? {
        headers.last { $0.name.lowercased() == name }.flatMap { String(validating: $0.value, as: UTF8.self) }
    }

    fileprivate var isBinaryCloudEvent: Bool { headers.contains { $0.name.lowercased() == "ce_specversion" } }

    /// The attributes of a CloudEvent in binary mode: the headers with the prefix `ce_`.
    fileprivate var cloudEventAttributes: CloudEventAttributes {
        headers.reduce(into: CloudEventAttributes()) { attributes, header in
            guard header.name.lowercased().hasPrefix("ce_") else { return }
            attributes.add(header.name.dropFirst(3).lowercased(), String(validating: header.value, as: UTF8.self))
        }
    }
}
