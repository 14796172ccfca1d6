import CRdKafka
import Foundation
import SheafCore
import SheafKafka
import Synchronization

/// librdkafka's own mock brokers, within this process.
///
/// It can be shared: all calls are passed to the cluster's own thread (rdkafka_mock.c), and the pointers never change.
final class MockCluster: @unchecked Sendable {
    /// For tests that only need working brokers.
    static let shared = MockCluster(brokers: 3)

    private static let counter = Atomic(0)

    let address: String
    private let client: OpaquePointer
    private let cluster: OpaquePointer

    init(brokers: Int) {
        let configuration = rd_kafka_conf_new()
        rd_kafka_conf_set(configuration, "log_level", "0", nil, 0)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0),
            let cluster = rd_kafka_mock_cluster_new(client, Int32(brokers)),
            let address = rd_kafka_mock_cluster_bootstraps(cluster)
        else { preconditionFailure("librdkafka makes no mock cluster") }
        self.client = client
        self.cluster = cluster
        self.address = String(cString: address)
        Self.shortenFirstRebalance(cluster)
    }

    /// Whether the library does not crash with the cooperative protocol.
    static var isCooperativeSafe: Bool { rd_kafka_version() >= 0x0203_0000 }

    /// By default a new group waits 3 s for members; since librdkafka 2.1 this can be changed.
    private static func shortenFirstRebalance(_ cluster: OpaquePointer) {
        typealias Setter = @convention(c) (OpaquePointer, Int32) -> Void
        guard let symbol = dlsym(nil, "rd_kafka_mock_group_initial_rebalance_delay_ms") else { return }
        unsafeBitCast(symbol, to: Setter.self)(cluster, 100)
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    /// Options with their own group and topics, which exist.
    ///
    /// The mock cluster creates no topics on request, makes a group wait for a lost member until its session ends, and
    /// answers a waiting reader only when its wait ends.
    func options(_ settings: [String: String] = [:]) -> KafkaOptions {
        let name = "test\(Self.counter.add(1, ordering: .relaxed).newValue)"
        let options = KafkaOptions(
            brokers: address, group: name, topicPrefix: name + ".",
            options: settings.merging(["session.timeout.ms": "6000", "fetch.wait.max.ms": "100"]) { own, _ in own })
        for topic in Topic.allCases { createTopic(options.topicName(topic), partitions: 4) }
        createTopic(options.topicPrefix + KafkaSourceHarness.topicName, partitions: 4)
        return options
    }

    func createTopic(_ name: String, partitions: Int) {
        rd_kafka_mock_topic_create(cluster, name, Int32(partitions), 1)
    }

    /// Stops all brokers, or starts them again.
    func setUp(_ isUp: Bool) {
        if isUp { rd_kafka_mock_broker_set_up(cluster, -1) } else { rd_kafka_mock_broker_set_down(cluster, -1) }
    }

    /// Makes the next requests of a kind fail, each with one of the errors.
    func fail(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
    }

    /// Kinds of requests by their keys (https://kafka.apache.org/protocol.html#protocol_api_keys).
    enum Request: Int16 {
        case produce = 0
        case joinGroup = 11
        case initProducerID = 22
    }
}
