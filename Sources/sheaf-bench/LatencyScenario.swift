import Foundation
import SheafCore
import SheafEngine
import SheafSQLite
import Synchronization

/// The time from a window's due time until its notification reaches the gateway, after its commit.
enum LatencyScenario {
    struct Figures {
        /// Milliseconds.
        let median: Double
        let p99: Double
    }

    static func run(on backend: Backend = .sqlite, windows: Int, perSecond: Int) async throws -> Figures {
        let gateway = ArrivalGateway()
        return try await Workbench(on: backend, window: .seconds(1), gateway: gateway).use { bench in
            // Arrivals are timed by the clock of the windows.
            gateway.clock.withLock { $0 = bench.clock }
            // Earlier measurements leave files to be written back and deleted, for which each commit would wait.
            sync()
            let start = ContinuousClock.now
            for number in 0..<windows {
                let event = EventReader.Entry.success(Workbench.event(number * 10))
                _ = try await bench.engine.ingest.submit([event], source: "bench")
                let next = start + .seconds(Double(number + 1) / Double(perSecond))
                try await Task.sleep(until: next, tolerance: .zero, clock: .continuous)
            }
            while gateway.arrivals.count < windows { try await Task.sleep(for: .milliseconds(10)) }
            var delays: [Double] = []
            for (id, arrival) in gateway.arrivals {
                guard let event = try await bench.store.events(in: id).first,
                    let window = try await bench.store.events([event]).first?.window,
                    let ended = try await bench.store.endedWindow(window)
                else { continue }
                delays.append((arrival - ended.span.closesAt).seconds * 1000)
            }
            delays.sort()
            return Figures(median: delays[delays.count / 2], p99: delays[delays.count * 99 / 100])
        }
    }
}

/// Records when notifications arrive.
private final class ArrivalGateway: Gateway {
    let clock = Mutex<any TimeSource>(SteadyClock())
    private let state = Mutex<[NotificationID: Timestamp]>([:])

    var arrivals: [NotificationID: Timestamp] { state.withLock { $0 } }

    func send(_ notification: UserNotification, type: String) async -> GatewayOutcome {
        let now = clock.withLock(\.now)
        state.withLock { $0[notification.id] = now }
        return .delivered(httpStatus: nil)
    }
}
