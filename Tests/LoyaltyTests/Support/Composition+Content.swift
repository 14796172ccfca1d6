import SheafCore

extension Composition {
    /// The words, if there are any.
    var content: NotificationContent? {
        if case .notification(let content) = self { content } else { nil }
    }
}
