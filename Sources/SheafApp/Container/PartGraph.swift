/// The parts that are being built, and what each of them has asked for so far.
///
/// A part that asks for one that waits for it, directly or through others and in whatever task, would wait for ever: the
/// graph refuses it.
struct PartGraph: Sendable {
    private var asked: [PartKey: [PartKey]] = [:]

    /// The build of `key` begins.
    mutating func begin(_ key: PartKey) { asked[key] = [] }

    /// The build of `key` has ended, well or not.
    mutating func end(_ key: PartKey) { asked[key] = nil }

    /// Notes that `key` is asked for by the build of `parent`.
    ///
    /// - Parameter parent: `nil` where no build asks.
    /// - Throws: ``ContainerError/cycle(_:)``
    mutating func ask(for key: PartKey, by parent: PartKey?) throws(ContainerError) {
        // A task that a build started may ask when the build has long ended; nothing waits for it then.
        guard let parent, asked[parent] != nil else { return }
        if let path = path(from: key, to: parent) { throw .cycle((path + [key]).map(\.name)) }
        asked[parent]?.append(key)
    }

    private func path(from start: PartKey, to end: PartKey) -> [PartKey]? {
        if start == end { return [start] }
        for next in asked[start] ?? [] {
            if let rest = path(from: next, to: end) { return [start] + rest }
        }
        return nil
    }
}
