import SheafCore

/// Adds the events of a batch that belong to one shard to their windows.
struct AddEvents: RedisCommand {
    static let name = "EVALSHA add"

    /// Entries with the same key and policy, by their indexes in the batch.
    private struct Group {
        let key: WindowKey
        let policy: Int
        var places: [Int] = []
        var events: [UInt8] = []
    }

    let script: RedisScript?
    private let runs: RedisScript
    private let key: String
    private var policies: [WindowPolicy] = []
    private var groups: [Group] = []
    private var groupOfKey: [WindowKey: Int] = [:]

    init(_ script: RedisScript, due key: String) {
        self.script = script
        runs = script
        self.key = key
    }

    /// - Parameter place: the entry's index in the batch.
    mutating func append(_ entry: DebounceEntry, at place: Int) {
        let policy = number(of: entry.policy)
        // A key's entries stay in order: after a change of policy, later entries do not return to an earlier group.
        var group = groupOfKey[entry.key]
        if let known = group, groups[known].policy != policy { group = nil }
        let index = group ?? groups.count
        if group == nil {
            groups.append(Group(key: entry.key, policy: policy))
            groupOfKey[entry.key] = index
        }
        groups[index].places.append(place)
        groups[index].events.append(contentsOf: entry.event.bytes)
        groups[index].events.append(contentsOf: UInt32(clamping: entry.bytes).bigEndianBytes)
    }

    private mutating func number(of policy: WindowPolicy) -> Int {
        if let index = policies.lastIndex(of: policy) { return index }
        policies.append(policy)
        return policies.count - 1
    }

    var arguments: RedisArguments {
        var arguments = runs.run(keys: key)
        arguments.append(WindowState.mostBytes)
        arguments.append(policies.count)
        for policy in policies {
            arguments.append(policy.mode.rawValue)
            arguments.append(policy.length.scriptMicroseconds)
            arguments.append(policy.longest.scriptMicroseconds)
            arguments.append(policy.maxEvents)
        }
        for group in groups {
            arguments.append(group.key.recipient)
            arguments.append(group.key.subkey)
            arguments.append(group.policy + 1)
            arguments.append(group.events)
        }
        return arguments
    }

    /// The admissions with the indexes of their entries.
    func decode(_ reply: RedisValue) throws -> [(place: Int, admission: DebounceAdmission)] {
        let answers = try reply.elements()
        guard answers.count == groups.count else { throw Self.isOdd }
        return try zip(answers, groups).flatMap { answer, group in
            let bytes = try answer.bytes()
            guard bytes.count == 9 * group.places.count else { throw Self.isOdd }
            return try group.places.enumerated().map { index, place in
                (place, try Self.admission(bytes[9 * index..<9 * index + 9]))
            }
        }
    }

    private static func admission(_ bytes: ArraySlice<UInt8>) throws -> DebounceAdmission {
        let outcomes: [DebounceAdmission.Outcome] = [.known, .opened, .joined, .leading]
        guard let code = bytes.first.map(Int.init), outcomes.indices.contains(code) else { throw isOdd }
        let dueIn = bytes.dropFirst().reduce(0 as Int64) { $0 << 8 | Int64($1) }
        return DebounceAdmission(outcome: outcomes[code], dueIn: .microseconds(dueIn))
    }

    private static var isOdd: SheafError { SheafError(.storage, "Redis returned other admissions than requested") }
}

extension Duration {
    /// Microseconds for scripts: added to a moment they remain exact integers. The maximum is a century.
    var scriptMicroseconds: Int64 { min(max(microseconds, 0), 3_155_760_000_000_000) }
}

extension UInt32 {
    fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
