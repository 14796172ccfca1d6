import HTTPTypes

/// The response to a sender of CloudEvents that asks for permission first (CloudEvents HTTP 1.1 Web Hooks 1.0.2,
/// section 4): any sender is allowed, at any rate. Its events still need a token, and no callback address that it names
/// is called.
enum WebHookHandshake {
    static func answer(to request: HTTPFields) -> HTTPFields {
        var answer: HTTPFields = [.allow: "POST, OPTIONS"]
        let origin = request.first { $0.name.canonicalName == "webhook-request-origin" }?.value ?? ""
        guard !origin.isEmpty, origin.utf8.allSatisfy({ $0 < 0x80 }) else { return answer }
        for (name, value) in [("WebHook-Allowed-Origin", origin), ("WebHook-Allowed-Rate", "*")] {
            if let name = HTTPField.Name(name) { answer[name] = value }
        }
        return answer
    }
}
