public import SheafCore

/// What would be told of some events if they were in one window.
public struct WindowPreview: Hashable, Sendable {
    /// An event that is not told, by its place among those given.
    public struct LeftOut: Hashable, Sendable {
        public let event: Int
        public let reason: String
    }

    public let composition: Composition
    /// How many events are told.
    public let told: Int
    /// Those that do not meet `when`, or that the service would not keep.
    public let leftOut: [LeftOut]
    /// How many windows the others would be divided into by `key`.
    public let windows: Int
}

extension TypeDeclaration {
    /// What would be told of events with these texts of `data`, in this order. Those that do not meet `when` are left out,
    /// the rest is told together.
    ///
    /// - Parameter enrich: the JSON text of what the type's service would answer; it is never asked.
    /// - Throws: ``SheafError`` `bad_payload` or `invalid` with the field, as `events[3].data.stars`.
    public func windowPreview(
        of payloads: [String], for head: EventHead, _ context: TextContext, enrich: String? = nil
    ) async throws -> WindowPreview {
        let answer = try enrich.map { text throws(SheafError) in try self.answer(ofService: text) }
        let type = EventType(name, code: 0, delivery: .immediate, definition: DeclaredDefinition(self, context))
        var told: [Int] = []
        var leftOut: [WindowPreview.LeftOut] = []
        var keys: Set<WindowKey> = []
        for (index, payload) in payloads.enumerated() {
            let place: EventPlace
            do throws(SheafError) { place = try type.place(of: payload, head) } catch {
                // What was accepted before a type retired is still told.
                guard isRetired, error.field == "type" else {
                    throw error.inside("events[\(index)]")
                }
                told.append(index)
                continue
            }
            if let reason = place.suppression, reason != Self.retractionReason {
                leftOut.append(WindowPreview.LeftOut(event: index, reason: reason))
            } else {
                told.append(index)
                keys.insert(WindowKey(type: 0, recipient: head.recipient, part: place.keyPart))
            }
        }
        guard !told.isEmpty else {
            return WindowPreview(
                composition: .suppressed(reason: leftOut[0].reason), told: 0, leftOut: leftOut, windows: 0)
        }
        if let kept = answer?.kept, let index = kept.first(where: { $0 >= told.count }) {
            throw SheafError(
                .invalid, field: "enrich.keep",
                "has the index \(index); \(told.count) events would be sent, the first is 0")
        }
        let composition = try await preview(told.map { payloads[$0] }, for: head.recipient, context, answer: answer)
        var count = told.count
        if let kept = answer?.kept, answer?.suppression == nil {
            count = 0
            for (place, index) in told.enumerated() {
                if kept.contains(place) {
                    count += 1
                } else {
                    leftOut.append(WindowPreview.LeftOut(event: index, reason: "not_kept"))
                }
            }
        }
        if case .suppressed = composition { count = 0 }
        return WindowPreview(
            composition: composition, told: count, leftOut: leftOut.sorted { $0.event < $1.event },
            windows: delivery == .immediate ? told.count : max(1, keys.count))
    }

    /// Why an event ends whose type only takes others back.
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
