public import SheafCore

extension TypeRegistry {
    /// The recipient of previews if the request names none; texts may contain the recipient's id.
    private static var sampleRecipient: RecipientID { 42 }

    public func preview(
        _ name: String, _ request: PreviewRequest, for head: EventHead? = nil
    ) async throws -> TypePreviewDocument {
        let head = head ?? EventHead(recipient: Self.sampleRecipient, occurredAt: request.now ?? clock.now)
        var request = request
        request.locale = try request.locale.map(LanguageName.checked) ?? surroundings.language
        request.timeZone = try request.timeZone.map(ZoneName.checked) ?? surroundings.timeZone
        var preview = try await currentSet?.preview(name, request, for: head)
        if preview == nil { preview = try await ofProgram(name, request, for: head) }
        guard let preview else { throw SheafError.notFound("type") }
        return TypePreviewDocument(
            type: name, preview, locale: request.locale ?? "", timeZone: request.timeZone ?? "")
    }

    /// Previews a built-in type.
    private func ofProgram(
        _ name: String, _ request: PreviewRequest, for head: EventHead
    ) async throws -> TypePreview? {
        guard let type = surroundings.previewed.first(where: { $0.name == name }) else { return nil }
        guard request.enrich == nil else {
            throw SheafError(.invalid, field: "enrich", "the type is part of the program and has no enrich")
        }
        let now = clock.now
        let events = request.events.map { payload in
            Event(
                IncomingEvent(source: "preview", type: name, recipient: head.recipient, data: payload),
                type: type.code, at: now)
        }
        var parts: Set<String?> = []
        for (index, payload) in request.events.enumerated() {
            do throws(SheafError) { parts.insert(try type.classify(payload, head).keyPart) } catch {
                let path = "events[\(index)]"
                throw SheafError(error.code, field: error.field.map { "\(path).\($0)" } ?? path, error.message)
            }
        }
        let composition = try await type.compose(
            events, settings: RecipientDescription(locale: request.locale, timeZone: request.timeZone))
        var covered = events.count
        if case .suppressed = composition { covered = 0 }
        return TypePreview(
            composition: composition, events: covered,
            windows: type.delivery == .immediate ? events.count : parts.count,
            notes: surroundings.notes[name].map { [$0] } ?? [])
    }
}
