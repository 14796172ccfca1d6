import CRdKafka
import Logging
import SheafCore

/// One client of librdkafka, with its internal threads. Releasing the last reference ends it, which takes a moment, so
/// release it on a thread that may block.
///
/// It can be shared since "librdkafka is completely thread-safe" (INTRODUCTION.md, "Threads and callbacks"), and the
/// pointer never changes.
final class KafkaClient: @unchecked Sendable {
    enum Kind {
        case producer
        case consumer(group: String)
        case admin
    }

    let pointer: OpaquePointer
    let context: ClientContext

    /// - Parameters:
    ///   - context: receives the client's callbacks.
    ///   - adjust: sets further callbacks.
    /// - Throws: ``SheafError`` `invalid` if a setting is wrong.
    init(
        _ kind: Kind, _ options: KafkaOptions, _ context: ClientContext, adjust: (OpaquePointer) -> Void = { _ in }
    ) throws(SheafError) {
        let configuration = try ClientConfiguration(kind, options)
        context.listen(on: configuration.pointer)
        adjust(configuration.pointer)
        var text = [CChar](repeating: 0, count: 512)
        let type: rd_kafka_type_t
        if case .consumer = kind { type = RD_KAFKA_CONSUMER } else { type = RD_KAFKA_PRODUCER }
        guard let pointer = rd_kafka_new(type, configuration.pointer, &text, text.count) else {
            configuration.discard()
            let words = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw SheafError(.invalid, field: "kafka.options", options.hidingValues(in: words))
        }
        self.pointer = pointer
        self.context = context
        if case .consumer = kind { rd_kafka_poll_set_consumer(pointer) }
    }

    deinit { rd_kafka_destroy(pointer) }
}

extension KafkaOptions {
    /// The library's message about settings, without values that may be secret.
    func hidingValues(in words: String) -> String {
        options.values.filter { $0.utf8.count > 3 }.sorted { $0.utf8.count > $1.utf8.count }
            .reduce(words) { $0.replacing($1, with: "…") }
    }
}
