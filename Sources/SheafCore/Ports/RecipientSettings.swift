/// Recipients' settings; erased with the recipient.
public protocol RecipientSettings: Sendable {
    /// The stored settings of these recipients, in one query; recipients without any are left out.
    func settings(of recipients: [RecipientID]) async throws -> [RecipientID: RecipientDescription]

    /// Changes a recipient's settings.
    /// - Returns: the new settings; empty if nothing is left.
    @discardableResult
    func describe(_ recipient: RecipientID, _ change: RecipientChange) async throws -> RecipientDescription
}
