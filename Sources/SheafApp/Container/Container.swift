public import Logging
public import SheafCore

/// Holds the parts of a program. It builds each part once, on first use, and closes it at the end.
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
/// Each build is a task for which all callers wait; cancelling one of them does not cancel it. A failed build is
/// forgotten: the next caller builds again.
public struct Container: Sendable {
    /// How a part is closed.
    public typealias Close<Part> = @Sendable (Part) async throws -> Void

    public let settings: Settings
    let logger: Logger
    let time: any TimeSource
    private let parts = Parts()

    /// - Parameter time: the clock for the deadline of closing.
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
    ///   - name: its name; a method that creates different parts by its arguments must pass a name for each.
    ///   - type: its type, if that is not what `build` returns.
    ///   - close: what ``closeAll(deadline:)`` does with it.
    /// - Throws: the error of `build`; ``ContainerError``.
    public func part<Part: Sendable>(
        _ name: String = #function, as type: Part.Type = Part.self, close: Close<Part>? = nil,
        build: @escaping @Sendable () async throws -> Part
    ) async throws -> Part {
        try await parts.part(name, close, build)
    }

    /// Replaces the part with this name by `part`, for tests. The caller must close it.
    ///
    /// - Throws: ``ContainerError/replacedTooLate(part:)``. Asking for the part throws
    ///   ``ContainerError/wrongReplacement(part:expected:found:)`` if the types do not fit.
    public func replace(_ name: String, with part: any Sendable) async throws(ContainerError) {
        try await parts.replace(name, with: part)
    }

    /// Closes the opened parts, last first, and opens none from then on.
    ///
    /// A part may take half of the remaining time, so that a stuck part leaves time for the others. It is then
    /// cancelled and abandoned. Abandoned parts and failures are logged. Cancelling the calling task does not speed
    /// this up. A second call waits for the first.
    ///
    /// - Parameter deadline: the time limit for all parts together.
    public func closeAll(deadline: Duration) async {
        await parts.closeAll(deadline: deadline, time: time, logger: logger)
    }
}
