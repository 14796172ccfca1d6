public import SheafCore
import Synchronization

extension MemoryStore {
    public func settings(of recipients: [RecipientID]) async throws -> [RecipientID: RecipientDescription] {
        tables.withLock { tables in
            tables.recipients.filter { recipients.contains($0.key) }
        }
    }

    public func describe(_ recipient: RecipientID, _ change: RecipientChange) async throws -> RecipientDescription {
        let description = tables.withLock { tables in
            let description = change.applied(to: tables.recipients[recipient] ?? RecipientDescription())
            tables.recipients[recipient] = description.isEmpty ? nil : description
            if change.timeZone != .kept { tables.retime(windowsOf: recipient, at: clock.now) }
            return description
        }
        windowsChanged.notify()
        return description
    }
}
