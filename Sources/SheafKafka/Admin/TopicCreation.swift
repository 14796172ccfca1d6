import Logging
import SheafCore

/// Makes sure, once, that the topics exist.
actor TopicCreation {
    private let topics: [String]
    private let partitions: Int
    private let options: KafkaOptions
    private let logger: Logger
    private var creation: Task<Void, any Error>?
    private var isDone = false

    init(_ topics: [String], partitions: Int, options: KafkaOptions, logger: Logger) {
        self.topics = topics
        self.partitions = partitions
        self.options = options
        self.logger = logger
    }

    /// - Throws: ``SheafError`` `unavailable` if no broker responds; the next call tries again.
    func ensure() async throws {
        if isDone { return }
        let creation =
            self.creation
            ?? Task { [topics, partitions, options, logger] in
                let admin = try KafkaAdmin(options, logger: logger)
                try await admin.ensure(topics: topics, partitions: partitions, timeout: .seconds(5))
                await admin.close()
            }
        self.creation = creation
        do {
            try await creation.value
            isDone = true
        } catch {
            self.creation = nil
            throw error
        }
    }
}
