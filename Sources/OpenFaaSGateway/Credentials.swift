import Foundation
import HTTP

/// The gateway's user and password, in the files that OpenFaaS mounts them in.
package struct CredentialFiles: Equatable, Sendable {
    /// The folder that holds `basic-auth-user` and `basic-auth-password`.
    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// Reads both files, trimmed. They are read each time, so a rotated secret is used as soon as it is mounted.
    func read() throws(CredentialError) -> Credentials {
        Credentials(user: try read("basic-auth-user"), password: try read("basic-auth-password"))
    }

    private func read(_ name: String) throws(CredentialError) -> String {
        let path = "\(folder)/\(name)"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CredentialError(path: path, problem: "cannot be read as text")
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else { throw CredentialError(path: path, problem: "is empty") }
        return trimmed
    }
}

struct Credentials: Sendable, CustomStringConvertible {
    private let user: String
    private let password: String

    init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// The value of an `Authorization` header.
    var authorization: String { BasicCredentials(user: user, password: password).authorization }

    var description: String { "credentials of \(user)" }
}

/// A credential file that is missing or empty. Never shows what a file holds.
package struct CredentialError: Error, Equatable, Sendable, CustomStringConvertible {
    package let path: String
    package let problem: String

    package var description: String {
        """
        the credential file \(path) \(problem); mount the gateway's secret there (secret_mount_path), \
        or unset basic_auth
        """
    }
}
