internal import MessageFormat
internal import SheafCore

extension DeclaredDefinition {
    /// The source of the response of a type's service.
    enum Enrichment: Sendable {
        /// The service is called for each window.
        case asked(EnrichHook, any EnrichServices)
        /// The service is not called; this is its assumed response, `nil` for none.
        case given(EnrichAnswer?)
    }

    func compose(_ events: [ReadEvent], in context: CompositionContext) async throws -> WindowComposition {
        let reader = defaults.reading(context.settings)
        guard let place = type.texts(for: reader.languages) else {
            return WindowComposition(.suppressed(reason: "retraction"))
        }
        let (answer, unsent) = try await answer(about: events, in: type.texts[place].language.text, context)
        if let reason = answer?.suppression { return WindowComposition(.suppressed(reason: reason)) }
        let (kept, others) = divided(events, by: answer?.kept, unsent: unsent)
        guard !kept.isEmpty else { return WindowComposition(.suppressed(reason: Self.notKept)) }
        let content = composer.content(
            kept.map(\.values), for: context.recipient, reader, in: place, returned: answer?.variables ?? [:])
        guard let content else { return WindowComposition(.suppressed(reason: "retraction")) }
        return WindowComposition(
            .notification(content),
            exceptions: others.map { EventException(event: $0.id, status: .suppressed, reason: Self.notKept) })
    }

    /// The reason of an event that the type's service does not keep.
    private static let notKept = "not_kept"

    /// - Returns: the response, and how many of the first events it does not cover.
    private func answer(
        about events: [ReadEvent], in language: String, _ context: CompositionContext
    ) async throws -> (EnrichAnswer?, unsent: Int) {
        switch enrichment {
        case .given(let answer): return (answer, max(0, events.count - EnrichQuestion.mostEvents))
        case .asked(let hook, let services):
            let question = EnrichQuestion(type.name, hook, about: events, language: language, context)
            do {
                return (try await services.answer(to: question), question.unsent)
            } catch  where !hook.isNeeded {
                // If this task is cancelled, the error says nothing about the service.
                try Task.checkCancellation()
                return (nil, question.unsent)
            }
        }
    }

    /// Divides the events into those in the notification and the others. Events that the response does not cover are in
    /// it.
    private func divided(
        _ events: [ReadEvent], by kept: Set<Int>?, unsent: Int
    ) -> (kept: [ReadEvent], others: [ReadEvent]) {
        guard let kept else { return (events, []) }
        var (included, others): ([ReadEvent], [ReadEvent]) = ([], [])
        for (index, event) in events.enumerated() {
            if index < unsent || kept.contains(index - unsent) { included.append(event) } else { others.append(event) }
        }
        return (included, others)
    }
}
