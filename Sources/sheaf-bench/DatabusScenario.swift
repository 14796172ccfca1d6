import SheafCore
import SheafEngine
import SheafKafka

/// Events from a Kafka topic to PostgreSQL, ten consecutive ones for each window.
enum DatabusScenario {
    private static let batch = 1000

    /// - Returns: events a second.
    static func run(events: Int) async throws -> Double {
        let topic = "marketplace-sale.item.changed"
        let options = try Servers.kafka(prefix: "sheaf_bench_\(UInt32.random(in: 0 ... .max)).")
        let producer = try KafkaProducer(options, logger: Servers.logger)
        let source = try KafkaEventSource(
            options, topics: { ["marketplace-sale.item.changed"] }, logger: Servers.logger)
        for first in stride(from: 0, to: events, by: batch) {
            try await producer.send(
                (first..<min(first + batch, events)).map { number in
                    let sale = number / 10 % 1000
                    let value = #"{"sale_id":\#(sale),"item_id":\#(number),"seller_id":\#(number / 10)}"#
                    return KafkaRecord(topic: topic, key: Array(String(number / 10).utf8), value: Array(value.utf8))
                })
        }
        let rate = try await Workbench(
            on: .postgres, window: .seconds(3600), parts: .databus, databus: source
        ).use { bench in
            // The group takes seconds to form, so the time starts with the first events.
            try await Workbench.until { bench.engine.counters.snapshot().totals.ingested > 0 }
            let (start, first) = (ContinuousClock.now, bench.engine.counters.snapshot().totals.ingested)
            try await Workbench.until { bench.engine.counters.snapshot().totals.ingested >= events }
            return Double(events - first) / (ContinuousClock.now - start).seconds
        }
        await source.close()
        await producer.close()
        return rate
    }
}
