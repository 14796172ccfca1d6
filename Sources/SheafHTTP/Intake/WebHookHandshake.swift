import HTTPTypes

/// What is answered to a sender of CloudEvents that asks before it sends (CloudEvents HTTP 1.1 Web Hooks 1.0.2,
/// section 4): any may send, as fast as it likes. What it sends needs a token all the same, and no address that it names
/// for an answer is called.
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
