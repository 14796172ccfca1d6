public import AsyncHTTPClient
public import DeclaredTypes
import FoundationEssentials
import NIOCore
import ServiceCalls
public import SheafCore
import Synchronization

/// Asks the services of enrich hooks over HTTP.
public final class HookCalls: EnrichServices {
    private let client: HTTPClient
    private let time: any TimeSource
    private let environment: @Sendable (String) -> String?
    /// The requests under way, by the service's origin. Types whose services are at one address share its slots, since
    /// the client opens no more connections to it.
    private let slots = Mutex<[String: Slots]>([:])

    /// - Parameters:
    ///   - client: what sends the requests; it stays the caller's to shut down. It opens ``ServiceOptions/inFlight``
    ///     connections to each address.
    ///   - time: tells the present for `Retry-After` and waits between attempts.
    ///   - environment: the environment variables, by name.
    public init(
        client: HTTPClient, time: any TimeSource, environment: @escaping @Sendable (String) -> String?
    ) {
        self.client = client
        self.time = time
        self.environment = environment
    }

    /// What is wrong with the secret in an environment variable, without showing it; `nil` if nothing is.
    func fault(ofSecretIn variable: String) -> String? {
        guard let text = environment(variable) else { return "is not set; set it to the secret, whsec_ and base64" }
        do throws(SheafError) { _ = try SigningSecret(text) } catch { return error.message }
        return nil
    }

    public func answer(to question: EnrichQuestion) async throws -> EnrichAnswer {
        let (hook, type) = (question.hook, question.type)
        var secret: SigningSecret?
        if let variable = hook.secretVariable {
            // A type may come from the store while the process runs, whose environment stays.
            if let fault = fault(ofSecretIn: variable) {
                throw SheafError(
                    .upstream, "enrich.secret_env of \(type): the environment variable \(variable) \(fault)")
            }
            secret = try environment(variable).map { text throws(SheafError) in try SigningSecret(text) }
        }
        let service = ServiceClient(
            name: "the service that enriches \(type)", client: client, options: ServiceOptions(timeout: hook.timeout),
            slots: slots(for: hook.url), time: time)
        return try await service.ask(
            hook.url, question.body, id: question.window, secret: secret, trace: question.traceParent
        ) { body in
            do throws(SheafError) { return try question.answer(from: body.readableBytesView) } catch {
                throw ServiceFailure.unreadable(error.message)
            }
        }
    }

    private func slots(for url: String) -> Slots {
        let parts = URLComponents(string: url)
        let origin = "\(parts?.scheme ?? "")://\(parts?.host ?? ""):\(parts?.port ?? 0)"
        return slots.withLock { slots in
            if let found = slots[origin] { return found }
            let new = Slots(ServiceOptions().inFlight)
            slots[origin] = new
            return new
        }
    }
}
