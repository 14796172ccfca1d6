import SheafCore
import Synchronization

/// A payload with a text that appears in the notification.
struct TestPayload: EventPayload {
    static let fields = [PayloadField("key", .string), PayloadField("text", .string)]

    let key: String?
    let text: String

    init(_ values: PayloadValues) throws(SheafError) {
        key = values.has("key") ? try values.string("key") : nil
        text = try values.string("text")
    }

    var debounceKeyPart: String? { key }
}

/// The types that tests use; notifications show their names.
enum TestType: String, CaseIterable {
    /// Windows of a minute.
    case tumbling
    case immediate
    /// Windows of a minute; the first event is notified at once.
    case leading
    /// Windows of ten seconds that slide for up to thirty.
    case sliding
    /// Windows of a minute that are full with three events.
    case small

    var code: EventTypeCode {
        switch self {
        case .tumbling: 1
        case .immediate: 2
        case .leading: 3
        case .sliding: 4
        case .small: 5
        }
    }

    var delivery: DeliveryPolicy {
        switch self {
        case .tumbling: .debounced(WindowPolicy())
        case .immediate: .immediate
        case .leading: .debounced(WindowPolicy(mode: .leading))
        case .sliding: .debounced(WindowPolicy(mode: .sliding, length: .seconds(10), maxWait: .seconds(30)))
        case .small: .debounced(WindowPolicy(maxEvents: 3))
        }
    }
}

/// Composes a notification from the texts of its events, unless the test overrides it.
final class TestFactory: NotificationFactory {
    typealias Answer = @Sendable (_ texts: [String], _ call: Int) async throws -> Composition?

    private let state = Mutex<[[String]]>([])
    private let answer: Answer

    /// - Parameter answer: the composition of these texts, or `nil` for the usual one; calls are counted from 1.
    init(_ answer: @escaping Answer = { _, _ in nil }) { self.answer = answer }

    /// The texts of each call.
    var calls: [[String]] { state.withLock { $0 } }

    func compose(_ payloads: [TestPayload], for recipient: RecipientID) async throws -> Composition {
        let texts = payloads.map(\.text)
        let call = state.withLock { calls in
            calls.append(texts)
            return calls.count
        }
        if let composition = try await answer(texts, call) { return composition }
        let text = texts.joined(separator: "+")
        return .notification(
            NotificationContent(listTitle: text, listDescription: "", fullTitle: text, fullText: text))
    }

    /// The catalog of all test types, with this factory.
    func catalog() throws -> LiveCatalog {
        try LiveCatalog(
            TestType.allCases.map { EventType($0.rawValue, code: $0.code, delivery: $0.delivery, factory: self) })
    }
}
