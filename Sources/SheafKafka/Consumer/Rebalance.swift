import CRdKafka
import Foundation
import Logging
import SheafCore

/// Follows the group's rebalances in both protocols: eager, which revokes and reassigns all partitions, and
/// cooperative, which moves only some.
struct Rebalance {
    let client: OpaquePointer
    let records: RecordQueue
    let reading: SharedReading
    let logger: Logger

    func handle(_ code: rd_kafka_resp_err_t, _ list: PartitionList) {
        switch code {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS: assign(list)
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS: revoke(list)
        default:
            logger.warning("a rebalance of the consumer group failed", metadata: ["error": "\(code.text)"])
            revoke(list)
        }
    }

    private var isCooperative: Bool { rd_kafka_rebalance_protocol(client).map { strcmp($0, "COOPERATIVE") } == 0 }

    private func assign(_ list: PartitionList) {
        let partitions = list.partitions
        reading.assign(partitions)
        records.receive(partitions, of: client)
        if isCooperative {
            check(rd_kafka_incremental_assign(client, list.pointer))
        } else {
            check(rd_kafka_assign(client, list.pointer))
        }
        logger.debug("partitions were assigned", metadata: ["count": "\(partitions.count)"])
    }

    private func revoke(_ list: PartitionList) {
        let partitions = list.partitions
        let isLost = rd_kafka_assignment_lost(client) != 0
        let offsets = reading.revoke(partitions, lost: isLost) { Thread.sleep(forTimeInterval: $0.seconds) }
        // Another consumer may have read on in partitions that were lost.
        if !isLost, !offsets.isEmpty { commit(offsets) }
        if isCooperative {
            check(rd_kafka_incremental_unassign(client, list.pointer))
        } else {
            check(rd_kafka_assign(client, nil))
        }
        logger.debug("partitions were revoked", metadata: ["count": "\(partitions.count)", "lost": "\(isLost)"])
    }

    private func commit(_ offsets: [TopicPartition: Int64]) {
        let code = PartitionList.with(offsets) { rd_kafka_commit(client, $0.pointer, 0) }
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        logger.info("finished records are not committed and come again", metadata: ["error": "\(code.text)"])
    }

    private func check(_ code: rd_kafka_resp_err_t) {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        reading.fail(code.error("following a rebalance failed"))
    }

    private func check(_ error: OpaquePointer?) {
        guard let error else { return }
        check(rd_kafka_error_code(error))
        rd_kafka_error_destroy(error)
    }
}
