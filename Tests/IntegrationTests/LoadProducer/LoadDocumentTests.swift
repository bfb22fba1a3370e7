import FakeBroker
import Foundation
import TestSupport
import Testing

/// The commands of docs/load-producer.md work as they stand there.
@Suite struct LoadDocumentTests {
    @Test func `the commands that name no host of their own run, in their order`() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/load-producer.md"), encoding: .utf8)
        let blocks = text.matches(of: /```sh\n((?s:.*?))```/).map { String($0.1) }
        let commands = blocks.flatMap { $0.split(separator: "\n") }.filter { $0.contains("$BROKERS") }
        #expect(commands.count >= 8)
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            let programs = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
                .deletingLastPathComponent().path()
            for command in commands {
                let script = """
                    cd \(folder.path) && export PATH=\(programs):$PATH BROKERS=\(run.broker.bootstrapServers)
                    export message_timeout=10m
                    \(command)
                    """
                let output = try await Command.run(["bash", "-c", script])
                #expect(output.status == 0, "\(command)\n\(output.text)\n\(output.errors)")
            }
            #expect(try folder.text("first.html").contains("<svg"))
        }
    }
}
