public import SheafCore

/// The notification that some events would give in one window.
public struct WindowPreview: Hashable, Sendable {
    /// An event that the notification would leave out, by its index among those given.
    public struct LeftOut: Hashable, Sendable {
        public let event: Int
        public let reason: String
    }

    public let composition: Composition
    /// How many events the notification would cover.
    public let events: Int
    /// Those that do not meet `when`, or that the service would not keep.
    public let leftOut: [LeftOut]
    /// How many windows the others would be divided into by `key`.
    public let windows: Int
}

extension TypeDeclaration {
    /// The notification of events with these texts of `data`, in this order. Those that do not meet `when` are left out.
    ///
    /// - Parameter enrich: the JSON text of what the type's service would answer; it is never asked.
    /// - Throws: ``SheafError`` `bad_payload` or `invalid` with the field, as `events[3].data.stars`.
    public func windowPreview(
        of payloads: [String], for head: EventHead, _ context: TextContext, enrich: String? = nil
    ) async throws -> WindowPreview {
        let answer = try enrich.map { text throws(SheafError) in try self.answer(ofService: text) }
        let type = EventType(name, code: 0, delivery: .immediate, definition: DeclaredDefinition(self, context))
        var covered: [Int] = []
        var leftOut: [WindowPreview.LeftOut] = []
        var keys: Set<WindowKey> = []
        for (index, payload) in payloads.enumerated() {
            let classification: EventClassification
            do throws(SheafError) { classification = try type.classify(payload, head) } catch {
                // What was accepted before a type retired is still notified.
                guard isRetired, error.field == "type" else {
                    throw error.inside("events[\(index)]")
                }
                covered.append(index)
                continue
            }
            if let reason = classification.suppression, reason != Self.retractionReason {
                leftOut.append(WindowPreview.LeftOut(event: index, reason: reason))
            } else {
                covered.append(index)
                keys.insert(WindowKey(type: 0, recipient: head.recipient, part: classification.keyPart))
            }
        }
        guard !covered.isEmpty else {
            return WindowPreview(
                composition: .suppressed(reason: leftOut[0].reason), events: 0, leftOut: leftOut, windows: 0)
        }
        if let kept = answer?.kept, let index = kept.first(where: { $0 >= covered.count }) {
            throw SheafError(
                .invalid, field: "enrich.keep",
                "has the index \(index); \(covered.count) events would be sent, the first is 0")
        }
        let composition = try await preview(covered.map { payloads[$0] }, for: head.recipient, context, answer: answer)
        var count = covered.count
        if let kept = answer?.kept, answer?.suppression == nil {
            count = 0
            for (position, index) in covered.enumerated() {
                if kept.contains(position) {
                    count += 1
                } else {
                    leftOut.append(WindowPreview.LeftOut(event: index, reason: "not_kept"))
                }
            }
        }
        if case .suppressed = composition { count = 0 }
        return WindowPreview(
            composition: composition, events: count, leftOut: leftOut.sorted { $0.event < $1.event },
            windows: delivery == .immediate ? covered.count : max(1, keys.count))
    }

    /// The reason of an event whose type only retracts others.
    private static let retractionReason = "retraction"
}

extension SheafError {
    /// The same error of a member inside another.
    fileprivate func inside(_ path: String) -> SheafError {
        SheafError(code, field: field.map { "\(path).\($0)" } ?? path, message)
    }
}

// MARK: - What a service would answer

extension TypeDeclaration {
    /// What the JSON text of a service's answer says, in the words that examples have for it.
    ///
    /// - Throws: ``SheafError`` `invalid` with the field if the type's `enrich` does not have it.
    fileprivate func answer(ofService json: String) throws(SheafError) -> EnrichAnswer {
        guard let node = JSONSource.node(of: json) else {
            throw SheafError(.invalid, field: "enrich", "expected an object, as {\"variables\": {…}}")
        }
        var reader = TypeFileReader(name: "", file: "", categories: [])
        let answer = reader.answer(Value(node: node, path: "enrich"), hook)
        if let finding = reader.log.findings.min() {
            let parts = finding.message.split(separator: ": ", maxSplits: 1)
            throw SheafError(.invalid, field: String(parts[0].prefix(200)), String(parts.last ?? ""))
        }
        return answer ?? EnrichAnswer()
    }
}
