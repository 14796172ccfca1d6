import Logging
import SheafCore
import SheafEngine
import UnixSignals

/// Applies the types of `types.folder` at each SIGHUP.
struct Reloading: Sendable {
    private let signals: UnixSignalsSequence
    private let types: any TypeAdministration
    private let logger: Logger

    /// From now on the signal does not end the process.
    init(_ types: any TypeAdministration, logger: Logger) async {
        signals = await UnixSignalsSequence(trapping: [.sighup])
        self.types = types
        self.logger = logger
    }

    /// Runs until the task is cancelled.
    func run() async {
        for await _ in signals {
            do {
                let applied = try await types.reload()
                logger.notice(
                    "types.folder was read",
                    metadata: [
                        "revision": "\(applied.revision)", "added": "\(applied.added.count)",
                        "changed": "\(applied.changed.count)", "removed": "\(applied.removed.count)",
                    ])
            } catch let error as TypeMistakes {
                for line in error.lines { logger.error("types.folder is refused", metadata: ["mistake": "\(line)"]) }
            } catch {
                logger.error(
                    "types.folder cannot be applied",
                    metadata: ["error": "\((error as? SheafError)?.description ?? "\(type(of: error))")"])
            }
        }
    }
}
