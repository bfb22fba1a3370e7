import TestSupport
import Foundation
import Testing

/// A broker's process is killed; the next one has what producers were told is written.
@Suite struct `A log directory across processes` {
    private func kcat(_ arguments: [String], input: String = "") async throws -> [String] {
        let output = try await Command.run(["kcat"] + arguments, input: Data(input.utf8))
        #expect(output.status == 0, "\(output.errors)")
        return output.text.split(separator: "\n").map(String.init)
    }

    @Test func `kcat finds its messages after the broker was killed`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var sent: [String] = []
        for round in 0..<3 {
            let broker = try await ChildProcess(
                "connector-sim", ["broker", "--listen", "127.0.0.1:0", "--log-directory", folder])
            let bootstrap = try await broker.line(after: "ready bootstrap=")
            if round > 0 {
                let read = try await kcat(["-C", "-b", bootstrap, "-t", "t", "-o", "beginning", "-e", "-q"])
                #expect(read == sent)
            }
            let values = (0..<200).map { "\(round).\($0)" }
            _ = try await kcat(
                ["-P", "-b", bootstrap, "-t", "t", "-X", "acks=all"], input: values.joined(separator: "\n") + "\n")
            sent += values
            broker.send(SIGKILL)
            _ = try await broker.waitForExit()
        }
    }
}
