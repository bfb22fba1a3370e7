import Foundation
import Synchronization
package import TestSupport
import Testing

/// Debian's RabbitMQ server, in a folder and on ports of its own. It ends with this value, or with this process.
package final class RabbitMQProcess: Sendable {
    package let port: UInt16
    package let tlsPort: UInt16
    private let folder: URL
    private let programs: String
    private let environment: [String: String]
    private let commands: Mutex<FileHandle>

    /// - Parameter certificate: With it the server listens by TLS too.
    package init(certificate: SelfSignedCertificate? = nil) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
        programs = try Self.programs()
        folder = Self.parentFolder.appending(path: "rabbitmq-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if let certificate {
            try FileManager.default.copyItem(at: certificate.certificate, to: folder.appending(path: "cert.pem"))
            try FileManager.default.copyItem(at: certificate.key, to: folder.appending(path: "key.pem"))
        }
        let ports = try PortsToListenOn.take(4)
        (port, tlsPort) = (ports[0], ports[1])
        let process = Process()
        process.executableURL = root.appending(path: "rabbitmq.sh")
        process.arguments = [folder.path()] + ports.map(String.init)
        environment = ProcessInfo.processInfo.environment.merging([
            "RABBITMQ": programs, "HOME": folder.path(), "ERL_EPMD_PORT": "\(ports[3])",
            "RABBITMQ_NODENAME": "test@localhost", "RABBITMQ_CONF_ENV_FILE": folder.appending(path: "none").path(),
        ]) { $1 }
        process.environment = environment
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        commands = Mutex(pipe.fileHandleForWriting)
    }

    deinit { try? commands.withLock { try $0.close() } }

    /// In memory where there is room: a quorum queue waits for the disk at each step, and what a build has written may
    /// keep that busy for minutes.
    private static var parentFolder: URL {
        let memory = "/dev/shm"
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: memory)
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        return free > 2 << 30 ? URL(filePath: memory) : FileManager.default.temporaryDirectory
    }

    /// The folder of the server's programs.
    private static func programs() throws -> String {
        if let given = ProcessInfo.processInfo.environment["RABBITMQ"] { return given }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let versions = root.appending(path: ".build-rabbitmq/usr/lib/rabbitmq/lib")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: versions.path())) ?? []
        let version = try #require(
            names.sorted().first { $0.hasPrefix("rabbitmq_server-") }, "no RabbitMQ server; setup/test.sh fetches it")
        return versions.appending(path: "\(version)/sbin").path()
    }

    package func start() throws { try send("start") }

    /// By SIGKILL.
    package func kill() throws { try send("kill") }

    /// Keeps its connections open, and says nothing any more.
    package func stall() throws { try send("stall") }
    package func resume() throws { try send("resume") }

    private func send(_ command: String) throws {
        try commands.withLock { try $0.write(contentsOf: Data("\(command)\n".utf8)) }
    }

    /// Waits until the server would know a new quorum queue again if it were killed: until 2024 it wrote its name down
    /// half a second after it had made the queue (rabbitmq/ra#443).
    package func waitUntilRegistered(_ queue: String) async throws {
        let names = folder.appending(path: "data/test@localhost/quorum/test@localhost/names.dets")
        try await eventually("queue \(queue) is on the disk") {
            (try? Data(contentsOf: names))?.firstRange(of: Data(queue.utf8)) != nil
        }
    }

    /// How many messages each queue holds, those included that were delivered and not acknowledged.
    package func messages() async throws -> [String: Int] {
        let kept = ["HOME", "ERL_EPMD_PORT", "RABBITMQ_NODENAME", "RABBITMQ_CONF_ENV_FILE"]
        let settings = environment.filter { kept.contains($0.key) }
        let output = try await Command.run(
            ["env"] + settings.map { "\($0)=\($1)" }.sorted() + [
                "\(programs)/rabbitmqctl", "--silent", "list_queues", "name", "messages",
            ])
        try #require(output.status == 0, "\(output.errors)\(output.text)")
        var counts: [String: Int] = [:]
        for line in output.text.split(separator: "\n") {
            let cells = line.split(separator: "\t")
            if cells.count == 2 { counts[String(cells[0])] = Int(cells[1]) }
        }
        return counts
    }
}
