import SheafCore
import Synchronization

/// A source of business events that delivers given records once, and records commits.
final class ScriptedSource: EventSource {
    private struct State {
        var waiting: [SourceRecord] = []
        var committed: [SourceRecord] = []
    }

    private let state = Mutex(State())
    private let arrival = WakeUp()

    var committed: [SourceRecord] { state.withLock(\.committed) }

    func send(_ records: [SourceRecord]) {
        state.withLock { $0.waiting += records }
        arrival.notify()
    }

    func receive(limit: Int) async throws -> [SourceRecord] {
        while true {
            let generation = arrival.generation
            try Task.checkCancellation()
            let records = state.withLock { state in
                let records = Array(state.waiting.prefix(limit))
                state.waiting.removeFirst(records.count)
                return records
            }
            if !records.isEmpty { return records }
            await arrival.wait(after: generation)
        }
    }

    func commit(_ records: [SourceRecord]) async throws { state.withLock { $0.committed += records } }
}

extension SourceRecord {
    /// A record of a business topic with this text, and headers by name.
    static func sample(
        _ text: String?, topic: String = "shop.changed", offset: Int64 = 0, key: String? = nil,
        headers: KeyValuePairs<String, String> = [:]
    ) -> SourceRecord {
        SourceRecord(
            topic: topic, partition: 3, offset: offset, key: key.map { Array($0.utf8) },
            value: text.map { Array($0.utf8) },
            headers: headers.map { Header(name: $0.key, value: Array($0.value.utf8)) }, timestamp: nil)
    }
}
