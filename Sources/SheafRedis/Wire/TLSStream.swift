import COpenSSL
import SheafCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// TLS over a connected, blocking socket; all of OpenSSL is used here. It belongs to one thread at a time.
///
/// hiredis has its own TLS only from 1.0 on, which Debian 12 does not have.
final class TLSStream {
    private let context: OpaquePointer
    private let session: OpaquePointer

    /// Performs the handshake and verifies the server's identity.
    ///
    /// - Parameters:
    ///   - socket: remains owned by the caller.
    ///   - host: the name or IP address that the server's certificate must match.
    /// - Throws: ``SheafError`` `storage` if the server's certificate is not trusted or `authorities` cannot be read,
    ///   `unavailable` if the handshake fails in any other way.
    init(over socket: Int32, host: String, authorities: String?, address: String) throws(SheafError) {
        guard let context = SSL_CTX_new(TLS_client_method()), let session = Self.session(in: context) else {
            throw SheafError(.unavailable, "there is no memory to connect to \(address)")
        }
        // From here on `deinit` frees both, even if the rest throws.
        (self.context, self.session) = (context, session)
        let isKnown =
            if let authorities {
                SSL_CTX_load_verify_locations(context, authorities, nil) == 1
            } else {
                SSL_CTX_set_default_verify_paths(context) == 1
            }
        guard isKnown else {
            throw SheafError(
                .storage, field: "debouncer.url", "the file of cacert has no readable certificates")
        }
        guard sheaf_ssl_require_tls12(context) == 1, expect(host), SSL_set_fd(session, socket) == 1 else {
            throw SheafError(.unavailable, "TLS with \(address) cannot be set up")
        }
        ERR_clear_error()
        guard SSL_connect(session) == 1 else {
            let verdict = SSL_get_verify_result(session)
            guard verdict == X509_V_OK else {
                throw SheafError(
                    .storage, field: "debouncer.url",
                    "the certificate of \(address) is not trusted: "
                        + (X509_verify_cert_error_string(verdict).map { String(cString: $0) } ?? "error \(verdict)"))
            }
            throw SheafError(.unavailable, "TLS with \(address) failed: \(Self.reason)")
        }
    }

    private static func session(in context: OpaquePointer) -> OpaquePointer? {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        guard let session = SSL_new(context) else {
            SSL_CTX_free(context)
            return nil
        }
        return session
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    private func expect(_ host: String) -> Bool {
        if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1 { return true }
        return SSL_set1_host(session, host) == 1 && sheaf_ssl_set_server_name(session, host) == 1
    }

    /// Writes all of `bytes`.
    /// - Returns: whether it succeeded; if not, ``reason`` or `errno` holds the error.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            ERR_clear_error()
            var count = 0
            guard SSL_write_ex(session, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, &count) == 1
            else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// - Returns: how many bytes were read, at least one; `nil` at the end of the stream or after a failure.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        ERR_clear_error()
        var count = 0
        guard SSL_read_ex(session, buffer.baseAddress, buffer.count, &count) == 1 else { return nil }
        return count
    }

    /// The last error, in OpenSSL's or the system's words.
    static var reason: String {
        let code = ERR_get_error()
        if code != 0, let text = ERR_reason_error_string(code) { return String(cString: text) }
        return errno == 0 ? "the server closed it" : String(cString: strerror(errno))
    }
}
