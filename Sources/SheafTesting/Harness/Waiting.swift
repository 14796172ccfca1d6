import SheafCore

/// Gives started tasks time to reach their waits. A check must also hold if they have not.
func letWait() async {
    for _ in 0..<20 { await Task.yield() }
}

extension Task {
    /// The result of the task; if the check is cancelled by its time limit, so is the task.
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
    /// Receives with a consumer that waits for a delayed message, while time passes.
    func receive(from consumer: any QueueConsumer) async throws -> [ReceivedMessage] {
        try await withThrowingTaskGroup(of: [ReceivedMessage].self) { group in
            group.addTask { try await consumer.receive(limit: 100) }
            group.addTask {
                // The consumer may begin its wait at any moment between two steps.
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
