import CRdKafka
import SheafCore

/// A request to create topics.
struct TopicRequest {
    let partitions: Int
    let replication: Int

    /// Sends the request, waits, and returns the result for each topic; blocks.
    func create(_ topics: [String], on client: OpaquePointer, _ timeout: Duration) -> [String: rd_kafka_resp_err_t] {
        let news: [OpaquePointer?] = topics.map {
            rd_kafka_NewTopic_new($0, Int32(clamping: partitions), Int32(clamping: replication), nil, 0)
        }
        defer { for topic in news where topic != nil { rd_kafka_NewTopic_destroy(topic) } }
        let known = news.filter { $0 != nil }
        var result = Dictionary(topics.map { ($0, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION) }) { $1 }
        guard let queue = rd_kafka_queue_new(client), !known.isEmpty else { return result }
        defer { rd_kafka_queue_destroy(queue) }
        let options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        rd_kafka_AdminOptions_set_request_timeout(options, timeout.wholeMilliseconds, nil, 0)
        var pointers = known
        rd_kafka_CreateTopics(client, &pointers, pointers.count, options, queue)
        guard let event = rd_kafka_queue_poll(queue, timeout.wholeMilliseconds + 1000) else {
            return result.mapValues { _ in RD_KAFKA_RESP_ERR__TIMED_OUT }
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return result.mapValues { _ in code } }
        var count = 0
        let answers = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        for index in 0..<count {
            guard let answer = answers?[index], let name = rd_kafka_topic_result_name(answer) else { continue }
            result[String(cString: name)] = rd_kafka_topic_result_error(answer)
        }
        return result
    }
}

extension Duration {
    /// The time limit in librdkafka's unit.
    var wholeMilliseconds: Int32 { Int32(clamping: microseconds / 1000) }
}
