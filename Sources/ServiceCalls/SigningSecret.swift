import Crypto
public import FoundationEssentials
public import SheafCore

/// The key that signs requests by Standard Webhooks v1, symmetric. Nothing that prints it shows it.
public struct SigningSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    static let prefix = "whsec_"

    private let key: SymmetricKey

    /// - Parameters:
    ///   - text: `whsec_` and base64, whose padding may be left out. The specification recommends keys of 24 to 64
    ///     bytes (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
    ///   - field: what errors call it.
    /// - Throws: ``SheafError`` `invalid` with the field; it does not hold the text.
    public init(_ text: String, field: String = "gateway.secret") throws(SheafError) {
        func fault(_ message: String) -> SheafError { SheafError(.invalid, field: field, message) }
        guard text.hasPrefix(Self.prefix) else {
            throw fault("does not begin with '\(Self.prefix)'; base64 follows it")
        }
        var base64 = String(text.dropFirst(Self.prefix.count))
        if base64.last != "=" { base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4) }
        guard base64.utf8.count % 4 == 0, let bytes = Data(base64Encoded: base64) else {
            throw fault("has something else than base64 after '\(Self.prefix)'")
        }
        guard !bytes.isEmpty else { throw fault("has no key after '\(Self.prefix)'; base64 follows it") }
        key = SymmetricKey(data: bytes)
    }

    /// The value of `webhook-signature` for a message.
    ///
    /// - Parameter timestamp: Unix seconds, as in `webhook-timestamp`.
    public func signature(id: String, timestamp: String, body: Data) -> String {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Data("\(id).\(timestamp).".utf8))
        code.update(data: body)
        return "v1," + Data(code.finalize()).base64EncodedString()
    }

    public var description: String { Self.prefix + "…" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
