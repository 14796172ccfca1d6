public import SheafCore
import Testing

/// A lock under test.
public protocol DistributedLockHarness: DriverHarness {
    var lock: any DistributedLock { get }

    /// The same locks as another process sees them.
    func otherProcess() async throws -> any DistributedLock
}

/// The conformance checks for drivers of ``DistributedLock``.
public enum DistributedLockConformance {
    public typealias Check = ConformanceCheck<any DistributedLockHarness>

    public static var checks: [Check] { holding + leases }
}

extension DistributedLockHarness {
    /// A lock taken for ten ticks.
    func acquire(_ name: String = "sweep") async throws -> LockHold? {
        try await lock.acquire(name, lease: ticks(10))
    }
}

extension DistributedLockConformance {
    static var holding: [Check] {
        [
            Check("A free lock can be acquired, a held one cannot") { harness async throws in
                let hold = try #require(try await harness.acquire())
                #expect(hold.name == "sweep" && !hold.token.isEmpty)
                #expect(try await harness.acquire() == nil)
                let other = try await harness.otherProcess()
                #expect(try await other.acquire("sweep", lease: harness.ticks(10)) == nil)
            },
            Check("Locks with different names are independent, compared by bytes") { harness async throws in
                let names = ["a", "A", "a ", "a:b", "{a}", "", "caf\u{E9}", "cafe\u{301}", "метла 🧹", "'; --"]
                var holds: [LockHold] = []
                for name in names { holds.append(try #require(try await harness.acquire(name))) }
                for name in names { #expect(try await harness.acquire(name) == nil) }
                #expect(Set(holds.map(\.token)).count == names.count)
                #expect(holds.map(\.name.exactly) == names.map(\.exactly))
            },
            Check("A released lock is free for everyone") { harness async throws in
                let hold = try #require(try await harness.acquire())
                try await harness.lock.release(hold)
                let other = try await harness.otherProcess()
                #expect(try await other.acquire("sweep", lease: harness.ticks(10)) != nil)
                #expect(try await harness.acquire() == nil)
            },
            Check("Another process may release a hold that was passed to it") { harness async throws in
                let hold = try #require(try await harness.acquire())
                try await harness.otherProcess().release(hold)
                #expect(try await harness.acquire() != nil)
            },
            Check("Releasing one lock leaves the others held") { harness async throws in
                let holds = [try await harness.acquire("a"), try await harness.acquire("b")].compactMap(\.self)
                try await harness.lock.release(holds[0])
                #expect(try await harness.acquire("b") == nil)
                #expect(try await harness.acquire("a") != nil)
            },
            Check("A released hold can be neither extended nor released again") { harness async throws in
                let old = try #require(try await harness.acquire())
                try await harness.lock.release(old)
                #expect(try await harness.lock.renew(old, lease: harness.ticks(10)) == false)
                let new = try #require(try await harness.acquire())
                try await harness.lock.release(old)
                #expect(try await harness.lock.renew(old, lease: harness.ticks(10)) == false)
                #expect(try await harness.acquire() == nil)
                #expect(try await harness.lock.renew(new, lease: harness.ticks(10)))
            },
            Check("The fence grows each time the lock is taken") { harness async throws in
                let other = try await harness.otherProcess()
                var fences: [Int64] = []
                for index in 0..<6 {
                    let lock = index % 2 == 0 ? harness.lock : other
                    let hold = try #require(try await lock.acquire("sweep", lease: harness.ticks(10)))
                    fences.append(hold.fence)
                    try await lock.release(hold)
                }
                #expect(zip(fences, fences.dropFirst()).allSatisfy { $0 < $1 })
            },
            Check("Each hold has its own token") { harness async throws in
                var tokens: Set<String> = []
                for _ in 0..<5 {
                    let hold = try #require(try await harness.acquire())
                    tokens.insert(hold.token)
                    try await harness.lock.release(hold)
                }
                #expect(tokens.count == 5)
            },
            Check("If many acquire at once, one gets the lock") { harness async throws in
                let locks = [harness.lock, try await harness.otherProcess()]
                let lease = harness.ticks(500)
                let holds = try await withThrowingTaskGroup(of: LockHold?.self) { group in
                    for index in 0..<20 {
                        let lock = locks[index % 2]
                        group.addTask { try await lock.acquire("contested", lease: lease) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(holds.count == 20 && holds.compactMap(\.self).count == 1)
            },
            Check("Successive holders have growing fences, even if many acquire at once") {
                harness async throws in
                let (lock, lease) = (harness.lock, harness.ticks(500))
                let fences = try await withThrowingTaskGroup(of: Int64.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            while true {
                                try Task.checkCancellation()
                                guard let hold = try await lock.acquire("contested", lease: lease) else {
                                    await Task.yield()
                                    continue
                                }
                                try await lock.release(hold)
                                return hold.fence
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(Set(fences).count == 8)
            },
        ]
    }

    static var leases: [Check] {
        [
            Check("A lock is free when its lease has expired, not before") { harness async throws in
                let first = try #require(try await harness.acquire())
                try await harness.advance(by: harness.ticks(10) - harness.margin)
                #expect(try await harness.acquire() == nil)
                try await harness.advance(by: harness.margin)
                let second = try #require(try await harness.acquire())
                #expect(second.fence > first.fence && second.token != first.token)
            },
            Check("An extended lease ends later") { harness async throws in
                let hold = try #require(try await harness.acquire())
                try await harness.advance(ticks: 6)
                #expect(try await harness.lock.renew(hold, lease: harness.ticks(10)))
                try await harness.advance(by: harness.ticks(10) - harness.margin)
                #expect(try await harness.acquire() == nil)
                try await harness.advance(by: harness.margin)
                #expect(try await harness.acquire() != nil)
            },
            Check("A lease can be shortened") { harness async throws in
                let hold = try #require(try await harness.lock.acquire("sweep", lease: harness.ticks(500)))
                #expect(try await harness.lock.renew(hold, lease: harness.ticks(2)))
                try await harness.advance(ticks: 2)
                #expect(try await harness.acquire() != nil)
            },
            Check("A hold whose lease has expired cannot be extended") { harness async throws in
                let hold = try #require(try await harness.acquire())
                try await harness.advance(ticks: 10)
                #expect(try await harness.lock.renew(hold, lease: harness.ticks(10)) == false)
                #expect(try await harness.acquire() != nil)
            },
            Check("A former holder cannot extend or release the lock of the next holder") {
                harness async throws in
                let old = try #require(try await harness.acquire())
                try await harness.advance(ticks: 10)
                let new = try #require(try await harness.acquire())
                #expect(try await harness.lock.renew(old, lease: harness.ticks(500)) == false)
                try await harness.lock.release(old)
                #expect(try await harness.acquire() == nil)
                #expect(try await harness.lock.renew(new, lease: harness.ticks(10)))
            },
            Check("The fence also grows when a lease has expired") { harness async throws in
                let first = try #require(try await harness.acquire())
                try await harness.advance(ticks: 20)
                let second = try #require(try await harness.acquire())
                try await harness.lock.release(second)
                try await harness.advance(ticks: 20)
                let third = try #require(try await harness.acquire())
                #expect(first.fence < second.fence && second.fence < third.fence)
            },
        ]
    }
}
