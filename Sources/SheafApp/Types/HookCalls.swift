public import AsyncHTTPClient
public import DeclaredTypes
import FoundationEssentials
import NIOCore
import ServiceCalls
public import SheafCore
import Synchronization

/// Calls the services of enrich hooks over HTTP.
public final class HookCalls: EnrichServices {
    private let client: HTTPClient
    private let time: any TimeSource
    private let environment: @Sendable (String) -> String?
    /// The requests in progress, by the service's origin. Types whose services have the same address share its slots,
    /// since the client opens no more connections to it.
    private let slots = Mutex<[String: Slots]>([:])

    /// - Parameters:
    ///   - client: sends the requests; the caller shuts it down. It must allow ``ServiceOptions/inFlight`` connections
    ///     to each address.
    ///   - time: the clock for `Retry-After` and the waits between attempts.
    ///   - environment: the environment variables, by name.
    public init(
        client: HTTPClient, time: any TimeSource, environment: @escaping @Sendable (String) -> String?
    ) {
        self.client = client
        self.time = time
        self.environment = environment
    }

    /// The problem with the secret in an environment variable, without showing it; `nil` if there is none.
    func fault(ofSecretIn variable: String) -> String? {
        guard let text = environment(variable) else { return "is not set; set it to the secret, whsec_ and base64" }
        do throws(SheafError) { _ = try SigningSecret(text) } catch { return error.message }
        return nil
    }

    public func answer(to question: EnrichQuestion) async throws -> EnrichAnswer {
        let (hook, type) = (question.hook, question.type)
        var secret: SigningSecret?
        if let variable = hook.secretVariable {
            // A type may come from the store while the process runs, but its environment does not change.
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
