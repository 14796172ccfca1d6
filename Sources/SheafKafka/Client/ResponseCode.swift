import CRdKafka
import SheafCore

extension rd_kafka_resp_err_t {
    /// The library's text for the code; it holds nothing of a message.
    var text: String { String(cString: rd_kafka_err2str(self)) }

    /// The code as Sheaf's error.
    ///
    /// - Parameter action: the failed action: "publishing to Kafka failed".
    func error(_ action: String) -> SheafError {
        let code: SheafError.Code =
            switch self {
            case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: .tooLarge
            case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_RECORD,
                RD_KAFKA_RESP_ERR__INVALID_ARG:
                .invalid
            case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
                .storage
            default: .unavailable
            }
        return SheafError(code, "\(action): \(text)")
    }
}
