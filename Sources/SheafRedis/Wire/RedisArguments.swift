/// The arguments of one command; each may hold any bytes.
public struct RedisArguments: Sendable {
    /// All arguments, concatenated.
    private(set) var bytes: [UInt8] = []
    /// The length of each argument.
    private(set) var lengths: [Int] = []

    public init(_ words: String...) {
        for word in words { append(word) }
    }

    public mutating func append(_ word: String) {
        bytes.append(contentsOf: word.utf8)
        lengths.append(word.utf8.count)
    }

    public mutating func append(_ word: some Collection<UInt8>) {
        bytes.append(contentsOf: word)
        lengths.append(word.count)
    }

    public mutating func append(_ number: some BinaryInteger) { append(String(number)) }
}
