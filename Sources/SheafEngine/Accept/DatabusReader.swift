public import SheafCore

/// Reads the events in records of business topics: plain JSON of the marketplace, or CloudEvents 1.0, structured or
/// binary (CloudEvents Kafka Protocol Binding 1.0.2, section 3).
public struct DatabusReader: Sendable {
    private let reader = EventReader(source: "databus", maximumEvents: 1)

    public init() {}

    /// The event that `record` holds, or why it holds none.
    public func event(in record: SourceRecord) -> EventReader.Entry {
        guard var value = record.value else { return .failure(SheafError(.invalid, "the record has no value")) }
        value.removeByteOrderMark()
        var entry = Result { () throws(SheafError) in try read(value, record) }.flatMap(\.self)
        let state = record.header("tracestate")
        if let trace = record.header("traceparent").flatMap({ TraceContext(parent: $0, state: state) }) {
            entry = entry.map { $0.joined(to: trace.description) }
        }
        return entry
    }

    private func read(_ value: [UInt8], _ record: SourceRecord) throws(SheafError) -> EventReader.Entry {
        let type = record.header("content-type")?.lowercased() ?? ""
        if type.hasPrefix("application/cloudevents") { return try structured(value) }
        if record.header("ce_specversion") != nil {
            return try reader.binaryCloudEvent(record.cloudEventAttributes.values(), data: value)
        }
        let entry = reader.topicMessage(value, topic: record.topic, position: record.position)
        // Producers without headers send the structured form, too; it has no recipient where the plain form has one.
        if type.isEmpty, case .failure = entry, let event = try? structured(value), case .success = event {
            return event
        }
        return entry
    }

    private func structured(_ value: [UInt8]) throws(SheafError) -> EventReader.Entry {
        let entries = try reader.cloudEvents(value)
        guard let entry = entries.first else { throw SheafError(.invalid, "holds no event") }
        return entry
    }
}

extension SourceRecord {
    /// Where it stands, as people and identifiers name it.
    var position: String { "\(topic)/\(partition)/\(offset)" }

    /// The value of a header; `nil` if there is none, or it is not UTF-8.
    func header(_ name: String) -> String? {
        headers.last { $0.name.lowercased() == name }.flatMap { String(validating: $0.value, as: UTF8.self) }
    }

    /// The attributes of a CloudEvent in binary mode: the headers with the prefix `ce_`.
    fileprivate var cloudEventAttributes: CloudEventAttributes {
        headers.reduce(into: CloudEventAttributes()) { attributes, header in
            guard header.name.lowercased().hasPrefix("ce_") else { return }
            attributes.add(header.name.dropFirst(3).lowercased(), String(validating: header.value, as: UTF8.self))
        }
    }
}
