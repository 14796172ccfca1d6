import SheafCore

extension Composition {
    /// The content, if there is any.
    var content: NotificationContent? {
        if case .notification(let content) = self { content } else { nil }
    }
}
