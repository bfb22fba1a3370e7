// The files that credentials and certificates come from, and what to do when one of them changes. Users and passwords
// are given to the clients that run (librdkafka logs in with them from the next connection on), and so are the
// gateway's certificates. librdkafka reads Kafka's only when a client is made, so those ask for new clients: the
// connector drains and begins anew.

package import Foundation

/// Which files to look at again.
package struct SecurityFiles: Equatable, Sendable {
    package struct Credentials: Equatable, Sendable {
        var user: String
        var password: String
    }

    /// Of Kafka's PLAIN and SCRAM.
    package var credentials: Credentials?
    /// Kafka's certificates and keys.
    package var restarting: [String] = []
    /// The gateway's certificates and keys.
    package var gateway: [String] = []
    /// How often.
    package var interval = Duration.seconds(10)

    static let bytesAccepted = 1024 * 1024

    /// `nil` for a file that cannot be read, or is larger than 1 MiB.
    package static func content(of path: String) -> Data? {
        guard let handle = try? FileHandle(forReadingFrom: URL(filePath: path)),
            let content = try? handle.read(upToCount: bytesAccepted + 1) ?? Data(), content.count <= bytesAccepted
        else { return nil }
        return content
    }

    /// Without the line's end that editors add.
    static func credential(in content: Data) -> String {
        String(decoding: content, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}

/// What the files held when they were last looked at. A value: whoever holds it decides when to look.
struct SecurityFileWatch {
    enum Change: Equatable {
        case none
        /// New ones for the clients that run.
        case credentials(user: String, password: String)
        /// New certificates for the gateway's client.
        case gateway
        /// New clients are needed.
        case restart
    }

    private let files: SecurityFiles
    private var credentials: [Data?]
    private let certificates: [Data?]
    private var gateway: [Data?]
    /// Certificates that differ, and did so for one look: a key may follow its certificate.
    private var candidate: [Data?]?
    private var gatewayCandidate: [Data?]?

    init(_ files: SecurityFiles) {
        self.files = files
        credentials = Self.contents(of: Self.paths(files.credentials))
        certificates = Self.contents(of: files.restarting)
        gateway = Self.contents(of: files.gateway)
    }

    /// Files that are away or empty, as they may be for a moment while they are replaced, change nothing.
    mutating func look() -> Change {
        let now = Self.contents(of: files.restarting)
        if now != certificates && Self.areComplete(now) {
            if now == candidate { return .restart }
            candidate = now
        }
        let gatewayNow = Self.contents(of: files.gateway)
        if gatewayNow != gateway && Self.areComplete(gatewayNow) {
            if gatewayNow == gatewayCandidate {
                gateway = gatewayNow
                return .gateway
            }
            gatewayCandidate = gatewayNow
        }
        let current = Self.contents(of: Self.paths(files.credentials))
        guard current != credentials, Self.areComplete(current), let user = current[0], let password = current[1]
        else { return .none }
        credentials = current
        return .credentials(
            user: SecurityFiles.credential(in: user), password: SecurityFiles.credential(in: password))
    }

    private static func paths(_ credentials: SecurityFiles.Credentials?) -> [String] {
        credentials.map { [$0.user, $0.password] } ?? []
    }

    private static func contents(of paths: [String]) -> [Data?] { paths.map(SecurityFiles.content) }

    private static func areComplete(_ contents: [Data?]) -> Bool {
        contents.allSatisfy { $0.map { !SecurityFiles.credential(in: $0).isEmpty } ?? false }
    }
}
