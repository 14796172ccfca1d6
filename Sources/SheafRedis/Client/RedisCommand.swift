/// A command as a value: what is sent, and what its reply means.
public protocol RedisCommand: Sendable {
    associatedtype Response: Sendable

    /// Its name in metrics.
    static var name: String { get }

    /// All words of it, the command's own first.
    var arguments: RedisArguments { get }

    /// The script that it runs, to be loaded where the server does not know it.
    var script: RedisScript? { get }

    /// - Parameter reply: anything but an error.
    func decode(_ reply: RedisValue) throws -> Response
}

extension RedisCommand {
    public var script: RedisScript? { nil }
}
