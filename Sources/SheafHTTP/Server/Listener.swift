import NIOCore
import Synchronization

/// The socket that accepts connections.
final class Listener: Sendable {
    /// How long the connections accepted last may take until they are served.
    private static let settling = Duration.milliseconds(100)

    private let channel = Mutex<(any Channel)?>(nil)

    func bind(_ bound: any Channel) { channel.withLock { $0 = bound } }

    /// Accepts no more connections, and returns once those accepted are being served. A connection that is accepted
    /// while the server ends would be dropped, which NIO reports as a programming error.
    func stopAccepting() async {
        guard let channel = channel.withLock(\.self) else { return }
        try? await channel.setOption(.autoRead, value: false).get()
        try? await Task.sleep(for: Self.settling)
    }
}
