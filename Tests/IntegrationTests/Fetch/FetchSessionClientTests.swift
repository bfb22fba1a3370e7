import TestSupport
import FakeBroker
import FakeBrokerTesting
import Foundation
import Testing

@Suite(
    .fakeBroker {
        $0.topics = [.init("orders", partitions: 3)]
        $0.journalMessages = true
    })
struct FetchSessionClientTests {
    @Test func `kafka-python fetches in a session, and misses nothing`() async throws {
        let broker = try FakeBroker.current
        for number in 0..<30 {
            try await broker.append([.init("\(number)")], to: "orders", partition: number % 3)
        }
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "clients/sessions_kafka_python.py")
        let environment = ProcessInfo.processInfo.environment
        let output = try await Command.run(
            [environment["PYTHON"] ?? "python3", "-B", path.path()],
            input: try JSONEncoder().encode(["bootstrap": broker.bootstrapServers, "count": "30"]))
        if output.errors.contains("ModuleNotFoundError"), environment["CI"] != "true" {
            try Test.cancel("a Python package is missing; run setup/test.sh, which installs it: \(output.errors)")
        }
        let values = try? JSONDecoder().decode([String].self, from: output.data)
        #expect(values == (0..<30).map { "\($0)" }.sorted(), "\(output.errors)")
        let fetches = try await broker.journal().matching(api: "Fetch").compactMap(\.request)
        #expect(fetches.contains { $0.contains("SessionEpoch: 2,") }, "it names its partitions once")
    }
}
