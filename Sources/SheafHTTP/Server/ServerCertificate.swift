import NIOCore
import NIOSSL
public import SheafCore

/// The server's certificate and its key.
public struct ServerCertificate: Sendable {
    let configuration: TLSConfiguration

    /// - Parameters:
    ///   - certificate: the path of a PEM file; the server's own certificate comes first, then those that signed it.
    ///   - key: the path of the PEM file with its private key.
    /// - Throws: ``SheafError`` `invalid` if a file cannot be used, or the key does not belong to the certificate.
    public init(certificate: String, key: String) throws(SheafError) {
        let chain = try Self.read("http.tls.certificate", certificate) { path in
            try NIOSSLCertificate.fromPEMFile(path)
        }
        guard !chain.isEmpty else {
            throw SheafError(.invalid, field: "http.tls.certificate", "there is no certificate in \(certificate)")
        }
        let privateKey = try Self.read("http.tls.key", key) { path in
            try NIOSSLPrivateKey(file: path, format: .pem)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // How long to wait for the client's closing message. A client that reads nothing never sends one.
        configuration.shutdownTimeout = .seconds(1)
        do { _ = try NIOSSLContext(configuration: configuration) } catch {
            throw SheafError(.invalid, field: "http.tls.key", "the key in \(key) is not that of the certificate")
        }
        self.configuration = configuration
    }

    private static func read<Value>(
        _ field: String, _ path: String, _ read: (String) throws -> Value
    ) throws(SheafError) -> Value {
        // The library's error message may quote a part of the file.
        do { return try read(path) } catch {
            throw SheafError(.invalid, field: field, "\(path) cannot be read as PEM")
        }
    }
}
