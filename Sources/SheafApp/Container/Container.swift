public import Logging
public import SheafCore

/// Holds the parts of a program. It builds a part when something first asks for it, once, and closes it at the end.
///
/// A part is a property in an extension; its name and its type are its key:
///
///     extension Container {
///         var store: any EventStore {
///             get async throws {
///                 try await part(as: (any EventStore).self, close: { await $0.close() }) {
///                     SQLiteStore(try await sqlite)
///                 }
///             }
///         }
///     }
///
/// Each build is a task, for which everyone who asks for the part waits; cancelling one of them does not cancel it. A
/// build that fails is forgotten: the next to ask builds again.
public struct Container: Sendable {
    /// How a part is closed.
    public typealias Close<Part> = @Sendable (Part) async throws -> Void

    public let settings: Settings
    let logger: Logger
    let time: any TimeSource
    private let parts = Parts()

    /// - Parameter time: measures the deadline of closing.
    public init(
        settings: Settings = Settings(), logger: Logger = Logger(label: "sheaf.container"),
        time: any TimeSource = SteadyClock()
    ) {
        self.settings = settings
        self.logger = logger
        self.time = time
    }

    /// The part of the property or method that calls this.
    ///
    /// - Parameters:
    ///   - name: its name; a method that makes different parts by its arguments has to give one for each.
    ///   - type: its type, if that is not what `build` returns.
    ///   - close: what ``closeAll(deadline:)`` does with it.
    /// - Throws: what `build` throws; ``ContainerError``.
    public func part<Part: Sendable>(
        _ name: String = #function, as type: Part.Type = Part.self, close: Close<Part>? = nil,
        build: @escaping @Sendable () async throws -> Part
    ) async throws -> Part {
        try await parts.part(name, close, build)
    }

    /// Puts `part` in the place of the part with this name, for tests. Who made it also closes it.
    ///
    /// - Throws: ``ContainerError/replacedTooLate(part:)``. Asking for the part throws
    ///   ``ContainerError/wrongReplacement(part:expected:found:)`` if the types do not fit.
    public func replace(_ name: String, with part: any Sendable) async throws(ContainerError) {
        try await parts.replace(name, with: part)
    }

    /// Closes what was opened, the last first, and opens nothing from then on.
    ///
    /// A part may take half of the time that is left, so one that is stuck leaves time for the others. It is then
    /// cancelled and left to itself. The log reports such a part, and one that fails to close. Cancelling the calling
    /// task hurries nothing. A second call waits for the same end.
    ///
    /// - Parameter deadline: for all parts together.
    public func closeAll(deadline: Duration) async {
        await parts.closeAll(deadline: deadline, time: time, logger: logger)
    }
}
