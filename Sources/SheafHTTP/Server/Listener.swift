import NIOCore
import Synchronization

/// The socket on which connections begin.
final class Listener: Sendable {
    /// How long connections that were accepted last may take to be served.
    private static let settling = Duration.milliseconds(100)

    private let channel = Mutex<(any Channel)?>(nil)

    func bind(_ bound: any Channel) { channel.withLock { $0 = bound } }

    /// Accepts no more connections, and returns when those that were accepted are being served: one that is accepted
    /// while the server ends would be dropped, which NIO takes for a fault of the program.
    func stopAccepting() async {
        guard let channel = channel.withLock(\.self) else { return }
        try? await channel.setOption(.autoRead, value: false).get()
        try? await Task.sleep(for: Self.settling)
    }
}
