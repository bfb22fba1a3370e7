import Connector
import Foundation
import SourceConformance
import TestSupport
import Testing

struct FileTailHarness: SourceHarness {
    static let profile = SourceProfile(
        name: "FileTailSource", capabilities: SourceCapabilities(settlement: .cumulative, canPause: false),
        traits: [.emptyPayloads, .redelivery, .order])

    var profile: SourceProfile { Self.profile }
    let topics: [String]
    private let folder = FileManager.default.temporaryDirectory.appending(path: "tail-\(UUID())")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        topics = [folder.appending(path: "one").path(), folder.appending(path: "two").path()]
        for topic in topics { try Data().write(to: URL(filePath: topic)) }
    }

    func makeSource(_ delivery: Delivery) async throws -> any EventSource { FileTailSource() }

    func feed(_ messages: [FedMessage], to topic: String) async throws {
        let file = try FileHandle(forWritingTo: URL(filePath: topic))
        defer { try? file.close() }
        try file.seekToEnd()
        for message in messages { try file.write(contentsOf: Data((message.payload ?? []) + [UInt8(ascii: "\n")])) }
    }

    /// As many lines as end where `.done` says.
    func waitUntilAcknowledged(_ count: Int, of topic: String) async throws {
        let lines = try Data(contentsOf: URL(filePath: topic)).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let end = lines.prefix(count).reduce(0) { $0 + $1.count + 1 }
        try await eventually("\(count) lines are acknowledged") {
            (try? String(contentsOfFile: topic + ".done", encoding: .utf8)) == "\(end)"
        }
    }

    /// What the source knew is gone with it.
    func crash(_ source: any EventSource) async throws {}
    func cutConnection() async throws {}
    func restoreConnection() async throws {}
    func deadLetters() async throws -> [[UInt8]] { [] }
    func shutDown() async { try? FileManager.default.removeItem(at: folder) }
}
