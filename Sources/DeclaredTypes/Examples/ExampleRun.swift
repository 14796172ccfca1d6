internal import Foundation
internal import SheafCore

/// What became of an example.
public struct ExampleResult: Sendable {
    public enum Outcome: Hashable, Sendable {
        case passed
        /// At least one.
        case failed([Finding])
        /// It was not run, and why.
        case skipped(String)
    }

    public let type: String
    public let example: String
    public let file: String
    public let position: SourcePosition
    public let outcome: Outcome
}

extension TypeDeclaration {
    /// Runs the examples: events go through the rules of windows under a clock that is moved, and through the texts.
    ///
    /// - Parameter context: whom texts are made for if an example does not say.
    public func runExamples(_ context: TextContext) async -> [ExampleResult] {
        var results: [ExampleResult] = []
        for (index, example) in examples.enumerated() {
            let run = ExampleRun(type: self, example: example, path: "examples[\(index)]", defaults: context)
            results.append(
                ExampleResult(
                    type: name, example: example.name, file: file, position: example.position,
                    outcome: await run.outcome()))
        }
        return results
    }
}

/// One run of an example.
struct ExampleRun {
    /// The recipient of all examples.
    static let recipient: RecipientID = 42

    let type: TypeDeclaration
    let example: TypeExample
    let path: String
    let defaults: TextContext

    /// What became of the events.
    private struct Outcome {
        var notifications: [(content: NotificationContent, at: Timestamp)] = []
        var reasons: [String] = []
    }

    func outcome() async -> ExampleResult.Outcome {
        if example.hasSettings { return .skipped("settings of recipients take no effect yet") }
        do throws(Findings) {
            let failures = compare(try await outcome())
            return failures.isEmpty ? .passed : .failed(failures)
        } catch {
            return .failed(error.all)
        }
    }

    private var context: TextContext {
        TextContext(
            languages: [example.language].compactMap(\.self) + defaults.languages,
            timeZone: example.timeZone ?? defaults.timeZone)
    }

    private func outcome() async throws(Findings) -> Outcome {
        let context = context
        // All events of an example are of one type, so it is that alone of which they may take others back.
        let retracted = type.retraction?.type == type.name ? 1 : nil
        let definition = DeclaredDefinition(type, context, .given(example.answer), retracting: retracted)
        let eventType = EventType(type.name, code: 1, delivery: type.delivery.policy, definition: definition)
        // An example may be in the future, where the process's own ids would stay.
        let identifiers = IdentifierGenerator()
        var windows = ExampleWindows()
        var now = example.now
        for (index, event) in example.events.enumerated() {
            now = now + event.after
            let incoming = IncomingEvent(
                source: "example", type: type.name, recipient: Self.recipient, data: event.data)
            let classification: EventClassification
            do throws(SheafError) { classification = try eventType.classify(incoming, at: now) } catch {
                throw Findings([
                    finding(
                        event.position,
                        "events[\(index)]: the event would be refused: "
                            + (error.field.map { "\($0): " } ?? "") + error.message)
                ])
            }
            let stored = Event(
                incoming, id: identifiers.next(at: now), type: 1, keyPart: classification.keyPart, at: now)
            windows.add(
                AdmittedEvent(stored, admission(of: classification), retracting: classification.retraction), at: now,
                zone: context.timeZone.identifier)
        }
        var outcome = Outcome()
        if windows.retracted > 0 { outcome.reasons.append(SheafCore.Retraction.reason) }
        let sizes = windows.ended.filter { $0.suppression == nil }.map(\.events.count)
        if let largest = sizes.max(), let last = example.answer?.kept?.max(), last >= largest {
            throw Findings([
                finding(
                    example.answerPosition,
                    "enrich.keep: no event has the index \(last); the largest window has \(largest), and the first is 0"
                )
            ])
        }
        for window in windows.ended {
            if let reason = window.suppression {
                outcome.reasons.append(reason)
                continue
            }
            do {
                switch try await eventType.compose(window.events) {
                case .notification(let content): outcome.notifications.append((content, window.endedAt))
                case .suppressed(let reason): outcome.reasons.append(reason)
                }
            } catch {
                throw Findings([finding(example.position, "the events cannot be composed: \(error)")])
            }
        }
        return outcome
    }

    private func admission(of event: EventClassification) -> Admission {
        if let reason = event.suppression { return .ended(reason: reason) }
        return switch type.delivery {
        case .immediate: .alone
        case .window(let policy): .window(policy)
        case .scheduled(let schedule): .scheduled(schedule)
        }
    }

    // MARK: - Comparing

    private func compare(_ outcome: Outcome) -> [Finding] {
        switch example.expectation {
        case .suppressed(let expected): compare(outcome, suppressed: expected)
        case .notifications(let expected): compare(outcome, expected)
        }
    }

    private func compare(_ outcome: Outcome, suppressed expected: SourceText) -> [Finding] {
        if let first = outcome.notifications.first {
            return [
                finding(
                    expected.position,
                    "expect.suppressed: expected no notification, got \(Self.quoted(first.content.listTitle))")
            ]
        }
        let others = Set(outcome.reasons).subtracting([expected.text]).sorted()
        guard !others.isEmpty else { return [] }
        return [
            finding(
                expected.position,
                "expect.suppressed: expected \(Self.quoted(expected.text)), got "
                    + others.map(Self.quoted).joined(separator: ", "))
        ]
    }

    private func compare(_ outcome: Outcome, _ expected: [TypeExample.ExpectedNotification]) -> [Finding] {
        guard outcome.notifications.count == expected.count else {
            let got = outcome.notifications.map { "\(Self.quoted($0.content.listTitle)) at \($0.at)" }
            let reasons = Set(outcome.reasons).sorted().map { "suppressed, \($0)" }
            let position = expected.first?.position ?? example.position
            let all = got.isEmpty ? reasons : got
            return [
                finding(
                    position,
                    "expect: expected \(expected.count) notification\(expected.count == 1 ? "" : "s"), got "
                        + "\(outcome.notifications.count)" + (all.isEmpty ? "" : ": " + all.joined(separator: "; "))
                        + (expected.count == 1 && got.count > 1 ? "; expect takes a list, too" : ""))
            ]
        }
        return zip(outcome.notifications, expected).flatMap { sent, expected in
            var findings: [Finding] = []
            for part in TypeTexts.Part.allCases {
                guard let text = expected.texts[part] else { continue }
                let got = sent.content.text(of: part)
                if !text.message.utf8.elementsEqual(got.utf8) {
                    findings.append(
                        finding(
                            text.position,
                            "expect.\(part.rawValue): expected \(Self.quoted(text.message)), got \(Self.quoted(got))"))
                }
            }
            if let at = expected.at, at.moment != sent.at {
                findings.append(finding(at.position, "expect.at: expected \(at.moment), got \(sent.at)"))
            }
            return findings
        }
    }

    private func finding(_ position: SourcePosition, _ message: String) -> Finding {
        Finding(type.file, position, "\(path).\(message)")
    }

    private static func quoted(_ text: String) -> String { "'\(text.escapedControls)'" }
}

extension NotificationContent {
    /// A text by the name that files give it.
    func text(of part: TypeTexts.Part) -> String {
        switch part {
        case .listTitle: listTitle
        case .listDescription: listDescription
        case .fullTitle: fullTitle
        case .fullText: fullText
        case .url: url ?? ""
        case .line: ""
        }
    }
}
