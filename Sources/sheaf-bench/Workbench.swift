import Foundation
import Loyalty
import SheafCore
import SheafEngine
import SheafGateway

/// An engine as in the program, with a gateway that accepts everything.
struct Workbench {
    let engine: Engine
    let store: any EventStore
    let debouncer: (any Debouncer)?
    let catalog: LiveCatalog
    let clock: any TimeSource
    private let drivers: Backend.Drivers

    /// - Parameter window: the length of the windows of `sale_item_changed`, and of the declared type.
    init(
        on backend: Backend = .sqlite, window: Duration, parts: Engine.Parts = .all,
        gateway: any Gateway = NullGateway(), databus: (any EventSource)? = nil
    ) async throws {
        drivers = try await backend.open()
        (store, debouncer, clock) = (drivers.store, drivers.debouncer, drivers.clock)
        let types =
            LoyaltyCatalog.types(language: .russian, services: LoyaltyServices()) + [try DeclaredType.eventType()]
        catalog = LiveCatalog(
            try EventCatalog(types).delivering { type in
                type.delivery == .immediate ? .immediate : .debounced(WindowPolicy(length: window))
            })
        engine = try await Engine(
            Engine.Ports(
                catalog: catalog, store: store, debouncer: debouncer, queue: drivers.queue, databus: databus,
                gateway: gateway, clock: clock),
            parts: parts, logger: Servers.logger)
    }

    /// Runs the engine during `body`, and removes everything afterwards.
    func use<Result: Sendable>(_ body: (Workbench) async throws -> Result) async throws -> Result {
        let running = Task { try await engine.run() }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        running.cancel()
        _ = await running.result
        await drivers.close()
        return try result.get()
    }

    /// Waits until `condition` is true.
    static func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Event `number` of a stream, as a producer would send it.
    /// - Parameter hasRandomID: whether its producer id is like a UUID version 4 instead of growing.
    static func event(
        _ number: Int, perWindow: Int = 10, type: String = "sale_item_changed", hasRandomID: Bool = false
    ) -> IncomingEvent {
        IncomingEvent(
            source: "bench", producerID: hasRandomID ? uuid(number) : "event-\(1_000_000_000 + number)", type: type,
            recipient: Int64(number / perWindow), data: data(number, perWindow: perWindow))
    }

    private static func uuid(_ number: Int) -> String {
        var random = SplitMix64(seed: UInt64(number))
        return EventID(
            high: random.next() & ~0xF000 | 0x4000, low: random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        ).description
    }

    static func data(_ number: Int, perWindow: Int = 10) -> String {
        #"{"sale_id":\#(number / perWindow % 1000),"item_id":\#(number)}"#
    }
}
