package import Foundation
import Testing

/// A certificate for 127.0.0.1 that is its own authority, and its key: PEM files that live as long as the body runs.
package struct SelfSignedCertificate: Sendable {
    package let certificate: URL
    package let key: URL

    /// - Parameter names: As OpenSSL has them; for others than 127.0.0.1.
    package static func with(
        names: String = "IP:127.0.0.1", _ body: (SelfSignedCertificate) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "certificate-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = (folder.appending(path: "cert.pem"), folder.appending(path: "key.pem"))
        let made = try await Command.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=\(names)", "-keyout", key.path(), "-out",
            certificate.path(),
        ])
        try #require(made.status == 0, "\(made.errors)")
        try await body(SelfSignedCertificate(certificate: certificate, key: key))
    }

    package func texts() throws -> (certificate: String, key: String) {
        (try String(contentsOf: certificate, encoding: .utf8), try String(contentsOf: key, encoding: .utf8))
    }
}
