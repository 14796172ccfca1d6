/// What recipients said of how they want to be told; erased with the recipient.
public protocol RecipientSettings: Sendable {
    /// What was said about these recipients, in one question; those of whom nothing was said are left out.
    func settings(of recipients: [RecipientID]) async throws -> [RecipientID: RecipientDescription]

    /// Changes what was said about a recipient.
    /// - Returns: how it is now; empty if nothing is left.
    @discardableResult
    func describe(_ recipient: RecipientID, _ change: RecipientChange) async throws -> RecipientDescription
}
