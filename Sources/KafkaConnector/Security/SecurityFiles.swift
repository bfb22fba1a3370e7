// The files that credentials and certificates come from, and what to do when one of them changes. Users and passwords
// are given to the clients that run (librdkafka logs in with them from the next connection on), and so are the
// gateway's certificates. librdkafka reads Kafka's only when a client is made, so those ask for new clients: the
// connector drains and begins anew.

package import Connector
import Foundation

/// Which files to look at again.
package struct SecurityFiles: Equatable, Sendable {
    package struct Credentials: Equatable, Sendable {
        var user: String
        var password: String
    }

    /// Of Kafka's PLAIN and SCRAM.
    package let credentials: Credentials?
    /// Kafka's certificates and keys.
    package let kafka: [String]
    /// The gateway's certificates and keys.
    package let gateway: [String]

    /// Those that settings name.
    package init(_ settings: Settings) {
        if let user = settings.string("username_file"), let password = settings.string("password_file") {
            credentials = Credentials(user: user, password: password)
        } else {
            credentials = nil
        }
        kafka = KafkaSecurity.files.map(\.setting).compactMap(settings.string)
        gateway = ["gateway_ca_file", "gateway_cert_file", "gateway_key_file"].compactMap(settings.string)
    }

    var isEmpty: Bool { credentials == nil && kafka.isEmpty && gateway.isEmpty }

    static let bytesAccepted = 1024 * 1024

    /// `nil` for a file that cannot be read, or is larger than 1 MiB.
    static func content(of path: String) -> Data? {
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

extension Settings {
    /// The text of the file that a setting names, without the line's end that editors add; `nil` if it is not set.
    ///
    /// - Throws: For a file that cannot be read, is larger than 1 MiB, or is no text.
    package func fileText(_ name: String) throws(SettingError) -> String? {
        guard let path = string(name) else { return nil }
        guard let data = SecurityFiles.content(of: path), String(data: data, encoding: .utf8) != nil else {
            throw error(name, accepted: "a file of text that can be read")
        }
        return SecurityFiles.credential(in: data)
    }
}

/// What the files held when they were last looked at. A value: whoever holds it decides when to look.
package struct SecurityFileWatch: Sendable {
    package enum Change: Equatable {
        case none
        /// New ones for the clients that run.
        case credentials(user: String, password: String)
        /// New certificates for the gateway's client.
        case gateway
        /// New clients are needed.
        case restart
    }

    /// Files that belong together: taken for changed once two looks in a row have seen the same, for a key may follow
    /// its certificate, and a password its user.
    private struct FileSet: Sendable {
        let paths: [String]
        private(set) var known: [Data?]
        private var candidate: [Data?]?

        init(_ paths: [String]) {
            self.paths = paths
            known = SecurityFileWatch.contents(of: paths)
        }

        mutating func haveChanged() -> Bool {
            let now = SecurityFileWatch.contents(of: paths)
            guard now != known, SecurityFileWatch.areComplete(now) else { return false }
            guard now == candidate else {
                candidate = now
                return false
            }
            known = now
            return true
        }
    }

    private let files: SecurityFiles
    private var credentials: FileSet
    private var kafka: FileSet
    private var gateway: FileSet

    /// Make it before the files are read for use, so that no change after that is missed.
    package init(_ files: SecurityFiles) {
        self.files = files
        credentials = FileSet(files.credentials.map { [$0.user, $0.password] } ?? [])
        kafka = FileSet(files.kafka)
        gateway = FileSet(files.gateway)
    }

    /// Whether there is nothing to look at.
    var isEmpty: Bool { files.isEmpty }

    /// Files that are away or empty, as they may be for a moment while they are replaced, change nothing.
    package mutating func look() -> Change {
        if kafka.haveChanged() { return .restart }
        if gateway.haveChanged() { return .gateway }
        guard credentials.haveChanged(), let user = credentials.known[0], let password = credentials.known[1]
        else { return .none }
        return .credentials(
            user: SecurityFiles.credential(in: user), password: SecurityFiles.credential(in: password))
    }

    private static func contents(of paths: [String]) -> [Data?] { paths.map(SecurityFiles.content) }

    private static func areComplete(_ contents: [Data?]) -> Bool {
        contents.allSatisfy { $0.map { !SecurityFiles.credential(in: $0).isEmpty } ?? false }
    }
}
