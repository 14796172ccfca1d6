import Logging
import SheafCore
import SheafEngine
import UnixSignals

/// Applies the types of `types.folder` at each SIGHUP.
public struct Reloading: Sendable {
    private let signals: UnixSignalsSequence

    /// From now on the signal does not end the process. One that comes before ``run(_:logger:)`` is heeded then.
    public init() async { signals = await UnixSignalsSequence(trapping: [.sighup]) }

    /// Runs until the task is cancelled.
    func run(_ types: any TypeAdministration, logger: Logger) async {
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
