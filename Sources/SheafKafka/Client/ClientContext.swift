import CRdKafka
import Logging
import SheafCore
import Synchronization

/// The target of librdkafka's callbacks. It outlives its client, which owns it through ``KafkaClient``.
final class ClientContext: Sendable {
    /// Called on the polling thread, with the client, the code and the partitions.
    typealias Rebalance = @Sendable (OpaquePointer, rd_kafka_resp_err_t, PartitionList) -> Void
    /// Called on the polling thread, with the code and the offsets of the commit.
    typealias Committed = @Sendable (rd_kafka_resp_err_t, PartitionList) -> Void

    let status: ClientStatus
    private let rebalance: Rebalance?
    private let committed: Committed?
    private let logger: Logger

    init(_ logger: Logger, rebalance: Rebalance? = nil, committed: Committed? = nil) {
        self.logger = logger
        self.rebalance = rebalance
        self.committed = committed
        status = ClientStatus()
    }

    /// Routes the callbacks of a client with these settings to this context.
    func listen(on configuration: OpaquePointer) {
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
        rd_kafka_conf_set_log_cb(configuration) { client, level, facility, text in
            guard let client, let context = ClientContext.of(rd_kafka_opaque(client)), let text else { return }
            context.log(level, facility.map { String(cString: $0) } ?? "", String(cString: text))
        }
        rd_kafka_conf_set_error_cb(configuration) { client, code, text, opaque in
            guard let client, let context = ClientContext.of(opaque) else { return }
            context.note(rd_kafka_resp_err_t(rawValue: code), client)
        }
        if rebalance != nil {
            rd_kafka_conf_set_rebalance_cb(configuration) { client, code, list, opaque in
                guard let client, let list, let context = ClientContext.of(opaque) else { return }
                context.rebalance?(client, code, PartitionList(list))
            }
        }
        if committed != nil {
            rd_kafka_conf_set_offset_commit_cb(configuration) { _, code, list, opaque in
                guard let list, let context = ClientContext.of(opaque) else { return }
                context.committed?(code, PartitionList(list))
            }
        }
    }

    /// The context of a callback.
    static func of(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
        opaque.map { Unmanaged<ClientContext>.fromOpaque($0).takeUnretainedValue() }
    }

    private func note(_ code: rd_kafka_resp_err_t, _ client: OpaquePointer) {
        guard code == RD_KAFKA_RESP_ERR__FATAL else { return status.note(code) }
        let cause = rd_kafka_fatal_error(client, nil, 0)
        logger.error("the Kafka client cannot continue", metadata: ["error": "\(cause.text)"])
        status.noteFatal(cause)
    }

    private func log(_ level: Int32, _ facility: String, _ text: String) {
        // Each kind of client gets the settings of the other kind too.
        let isOfOtherKind = facility == "CONFWARN" && text.contains("will be ignored by this")
        let severity: Logger.Level =
            switch level {
            case _ where isOfOtherKind: .debug
            case ...2: .error
            // The library reports an unreachable broker as an error, but reconnects by itself.
            case 3, 4: .warning
            case 5: .notice
            case 6: .info
            default: .debug
            }
        logger.log(level: severity, "\(text)", metadata: ["facility": "\(facility)"])
    }
}
