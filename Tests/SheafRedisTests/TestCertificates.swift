import Foundation
import SheafCore

/// A test's own certificate authority and a certificate signed by it, made with the program openssl.
struct TestCertificates {
    private let folder: URL

    /// - Parameter names: the names of the certificate, in OpenSSL's form: `IP:127.0.0.1,DNS:localhost`.
    init(for names: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-certificates-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.currentDirectoryURL = folder
        process.arguments = [
            "-ec",
            """
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority
            openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server
            echo 'subjectAltName=\(names)' > names
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
                -out server.pem
            """,
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SheafError(.storage, "openssl made no certificates") }
    }

    /// The authority's certificate.
    var authority: String { path("ca.pem") }

    /// The arguments for a Redis server that uses them.
    var serverArguments: [String] {
        [
            "--port", "0", "--tls-auth-clients", "no", "--tls-cert-file", path("server.pem"), "--tls-key-file",
            path("server.key"), "--tls-ca-cert-file", authority,
        ]
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}
