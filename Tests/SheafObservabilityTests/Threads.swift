import Foundation

/// Runs `body` with 0, 1, … on this many threads at once, and waits for all.
///
/// Tasks share a few threads, which other tests may keep busy, so with tasks there might be no contention.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
    await withTaskGroup { group in
        for number in 0..<count {
            group.addTask {
                await withCheckedContinuation { continuation in
                    Thread.detachNewThread {
                        body(number)
                        continuation.resume()
                    }
                }
            }
        }
    }
}
