import SheafCore

/// Lets tasks that were started reach what they wait for. A check must hold as well if they have not.
func letWait() async {
    for _ in 0..<20 { await Task.yield() }
}

extension Task {
    /// What the task ends with; it is cancelled where the check is, whose time may be limited.
    var outcome: Success {
        get async throws {
            try await withTaskCancellationHandler {
                try await value
            } onCancel: {
                cancel()
            }
        }
    }
}

extension DriverHarness {
    /// What a consumer that waits for a delayed message receives, while time passes until it does.
    func receive(from consumer: any QueueConsumer) async throws -> [ReceivedMessage] {
        try await withThrowingTaskGroup(of: [ReceivedMessage].self) { group in
            group.addTask { try await consumer.receive(limit: 100) }
            group.addTask {
                // The consumer may count its wait from any moment between two steps.
                while !Task.isCancelled {
                    await letWait()
                    try await self.advance(ticks: 1)
                }
                return []
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }
}
