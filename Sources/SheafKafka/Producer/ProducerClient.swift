import CRdKafka
import SheafCore
import Synchronization

/// One producer of librdkafka, to be polled by one thread.
final class ProducerClient: Sendable {
    private struct State {
        /// `nil` once it is closed.
        var client: KafkaClient?
        var isClosing = false
        /// How long records in flight may take at the end.
        var flushTimeout = Duration.seconds(10)
    }

    private let state: Mutex<State>
    private let status: ClientStatus
    /// Signalled when reports arrive, which makes room for more records.
    private let room = WakeUp()

    /// - Throws: ``SheafError`` `invalid` if a setting is wrong.
    init(_ options: KafkaOptions, _ context: ClientContext) throws(SheafError) {
        let client = try KafkaClient(.producer, options, context) { configuration in
            rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, context in
                guard let message, let opaque = message.pointee._private else { return }
                let code = message.pointee.err
                // Before the batch gets the report: a caller that sends again must find that another client is needed.
                if code == RD_KAFKA_RESP_ERR_NO_ERROR {
                    ClientContext.of(context)?.status.noteSuccess()
                } else if code.endsProducer {
                    ClientContext.of(context)?.status.noteFatal(code)
                }
                Unmanaged<DeliveryBatch>.fromOpaque(opaque).takeRetainedValue().report(code)
            }
        }
        status = context.status
        state = Mutex(State(client: client))
    }

    /// Whether it has failed for good, and another is needed.
    var hasFailed: Bool { status.fatal != nil }

    var trouble: String? { status.trouble }

    // MARK: Sending

    /// Publishes records and waits until all are acknowledged.
    func send(_ records: [KafkaRecord]) async throws {
        let batch = DeliveryBatch(count: records.count)
        for record in records {
            var generation = room.generation
            while !enqueue(record, for: batch) {
                await room.wait(after: generation)
                try Task.checkCancellation()
                generation = room.generation
            }
        }
        try await batch.wait()
    }

    /// - Returns: whether the record was handled; if not, the queue is full.
    private func enqueue(_ record: KafkaRecord, for batch: DeliveryBatch) -> Bool {
        let opaque = Unmanaged.passRetained(batch)
        // Nothing can be enqueued once closing begins, so that closing waits for every report.
        let code = state.withLock { state in
            guard !state.isClosing, let client = state.client else { return RD_KAFKA_RESP_ERR__DESTROY }
            return client.produce(record, opaque: opaque.toOpaque())
        }
        if code == RD_KAFKA_RESP_ERR_NO_ERROR { return true }
        opaque.release()
        if code == RD_KAFKA_RESP_ERR__QUEUE_FULL { return false }
        batch.report(code)
        return true
    }

    // MARK: The polling thread

    /// Serves reports until it is stopped, and then those of records in flight; blocks.
    func poll() {
        guard let client = state.withLock({ $0.client }) else { return }
        while !state.withLock({ $0.isClosing }) {
            guard rd_kafka_poll(client.pointer, 100) > 0 else { continue }
            room.notify()
        }
        room.notify()
        rd_kafka_flush(client.pointer, state.withLock { $0.flushTimeout }.wholeMilliseconds)
        rd_kafka_purge(client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        while rd_kafka_outq_len(client.pointer) > 0 { rd_kafka_poll(client.pointer, 10) }
        state.withLock { $0.client = nil }
    }

    /// Ends polling. Records in flight get `flushTimeout`.
    func stop(flushTimeout: Duration = .seconds(10)) {
        state.withLock { state in
            state.isClosing = true
            state.flushTimeout = flushTimeout
        }
    }
}

extension KafkaClient {
    /// Enqueues a record; its report comes with `opaque`, unless this fails.
    fileprivate func produce(_ record: KafkaRecord, opaque: UnsafeMutableRawPointer) -> rd_kafka_resp_err_t {
        let headers = record.headers.isEmpty ? nil : Self.headers(record.headers)
        let code = record.topic.withCString { topic in
            Self.withBytes(record.key) { key in
                Self.withBytes(record.value) { value in
                    sheaf_rd_kafka_produce(
                        pointer, topic, key.baseAddress, key.count, value.baseAddress, value.count, headers, opaque)
                }
            }
        }
        if let headers, code != RD_KAFKA_RESP_ERR_NO_ERROR { rd_kafka_headers_destroy(headers) }
        return code
    }

    private static func headers(_ headers: [SourceRecord.Header]) -> OpaquePointer? {
        let list = rd_kafka_headers_new(headers.count)
        for header in headers {
            header.value.withUnsafeBytes { value in
                _ = rd_kafka_header_add(list, header.name, -1, value.baseAddress, value.count)
            }
        }
        return list
    }

    /// The bytes, with a null pointer only for `nil`: an empty key is a key.
    private static func withBytes<Result>(
        _ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard let bytes else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        guard !bytes.isEmpty else { return withUnsafeBytes(of: 0 as UInt8) { body(.init(rebasing: $0[..<0])) } }
        return bytes.withUnsafeBytes(body)
    }
}

extension rd_kafka_resp_err_t {
    /// Whether the brokers accept nothing more with the producer's id. After records that timed out, the library
    /// continues with a new epoch that not every broker knows; then each record fails until a new client is started.
    fileprivate var endsProducer: Bool {
        switch self {
        case RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
            RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING,
            RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR__FATAL:
            true
        default: false
        }
    }
}
