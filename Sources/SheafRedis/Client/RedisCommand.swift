/// A command as a value: its arguments, and the meaning of its reply.
public protocol RedisCommand: Sendable {
    associatedtype Response: Sendable

    /// Its name in metrics.
    static var name: String { get }

    /// All arguments, beginning with the command's name.
    var arguments: RedisArguments { get }

    /// The script that it runs, to be loaded if the server does not know it.
    var script: RedisScript? { get }

    /// - Parameter reply: any value except an error.
    func decode(_ reply: RedisValue) throws -> Response
}

extension RedisCommand {
    public var script: RedisScript? { nil }
}
