import SheafCore
import Testing

@testable import SheafKafka

@Suite("Settings of librdkafka")
struct KafkaOptionsTests {
    @Test(
        "Settings on which Sheaf's guarantees depend are refused",
        arguments: ["enable.auto.commit", "enable.auto.offset.store", "enable.idempotence", "acks", "group.id"])
    func refused(name: String) {
        expectRefusal(of: name, value: "true")
    }

    @Test("An unknown setting or an invalid value is named without the value")
    func wrong() {
        expectRefusal(of: "sesion.timeout.ms", value: "6001")
        expectRefusal(of: "session.timeout.ms", value: "hunter2")
        expectRefusal(of: "security.protocol", value: "hunter2")
    }

    @Test("Conflicting settings are reported without their values")
    func wrongTogether() {
        let options = KafkaOptions(
            brokers: "127.0.0.1:1", options: ["security.protocol": "SSL", "ssl.ca.location": "/hunter2.pem"])
        let error = #expect(throws: SheafError.self) {
            try KafkaClient(.producer, options, ClientContext(quiet))
        }
        #expect(error?.code == .invalid)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test("TLS, SASL and Sheaf's own values can be set")
    func accepted() throws {
        let options = KafkaOptions(
            brokers: "127.0.0.1:1",
            options: [
                "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "sheaf",
                "sasl.password": "hunter2", "session.timeout.ms": "6000", "linger.ms": "20",
            ])
        try options.validate()
        _ = try KafkaProducer(options, logger: quiet)
        _ = try KafkaEventSource(options, topics: { ["t"] }, logger: quiet)
    }

    @Test("The cooperative protocol is refused with library versions that may crash")
    func cooperative() throws {
        let (name, value) = ("partition.assignment.strategy", "cooperative-sticky")
        guard MockCluster.isCooperativeSafe else { return expectRefusal(of: name, value: value) }
        try KafkaOptions(brokers: "127.0.0.1:1", options: [name: value]).validate()
    }

    private func expectRefusal(of name: String, value: String) {
        let options = KafkaOptions(brokers: "127.0.0.1:1", options: [name: value])
        let error = #expect(throws: SheafError.self) { try options.validate() }
        #expect(error?.code == .invalid)
        #expect(error?.field == "kafka.options.\(name)")
        #expect(error?.description.contains("hunter2") == false)
    }
}
