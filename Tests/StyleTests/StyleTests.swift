// The conventions that a machine can check, so that no reviewer has to.

import Testing

@Suite struct StyleTests {
    /// Folders that decide and never touch the world; what they may not name, and what to use instead.
    private static let coreFolders = [
        "Sources/KafkaProtocol/", "Sources/Connector/",
        "Sources/FakeBroker/Cluster/", "Sources/FakeBroker/Log/", "Sources/FakeBroker/Groups/",
        "Sources/FakeBroker/Storage/",
        "Sources/FakeBroker/Transactions/", "Sources/FakeBroker/Handlers/", "Sources/FakeBroker/Security/",
        "Sources/FakeGateway/State/", "Sources/FakeGateway/Routes/",
        "Sources/SNSSource/Message/", "Sources/SNSSource/Inbox/", "Sources/SNSSource/Certificates/",
        "Sources/LoadGenerators/", "Sources/LoadProducer/Records/", "Sources/LoadProducer/Verify/",
    ]
    private static let bannedInCores = [
        ("Task {", "a child task of a group"), ("Task.detached", "a child task of a group"),
        ("Task.sleep", "the time source that was handed in"), ("Date()", "the time that was handed in"),
        ("ContinuousClock", "the time source that was handed in"), (".random(in: ", "a generator that was handed in"),
        ("SystemRandomNumberGenerator", "a generator that was handed in"), ("Mutex", "an actor, or one owner"),
        ("import NIOPosix", "a shell"), ("import NIOSSL", "a shell"), ("import Dispatch", "a shell"),
        ("import Foundation", "the standard library"),
    ]
    /// Read, or filled, from any thread while the connector runs, hence a lock; they decide nothing.
    private static let exemptFromCoreRules = [
        "Sources/Connector/Observers/Ledger.swift", "Sources/Connector/Seams/CallInbox.swift",
    ]

    /// For its JSON and base 64 only: its clock is banned by name.
    private static let mayImportFoundation = ["Sources/SNSSource/Message/", "Sources/SNSSource/Certificates/"]

    /// The files that may leave memory safety, each for a reason that stands in it.
    private static let unsafeFolders = [
        "Sources/Kafka/C/", "Sources/RabbitMQSource/C/", "Sources/Threads/", "Sources/RecordCompression/",
        "Sources/KafkaProtocol/Wire/", "Sources/KafkaProtocol/Primitives/",
        "Sources/Connector/Seams/Bytes.swift", "Sources/Simulation/Executor/SeededExecutor.swift",
        "Sources/Simulation/Executor/EscapeWatch.swift",
        "Sources/HTTP/", "Sources/FakeBroker/Shell/Clock.swift", "Sources/FakeBroker/Shell/PortReservation.swift",
        "Sources/FakeBroker/Shell/Storage/Files.swift", "Sources/LoadProducer/Records/CRC32C.swift",
        "Sources/KafkaConnector/Program/InheritedState.swift",
    ]

    private func violations(
        in files: [SourceFile], where isViolation: (SourceFile, Int) -> String?
    ) -> [String] {
        files.flatMap { file in
            file.lines.indices.compactMap { index in
                isViolation(file, index).map { "\(file.path):\(index + 1): \($0)" }
            }
        }
    }

    private func isComment(_ line: String) -> Bool { line.drop { $0 == " " }.hasPrefix("//") }

    @Test func `the tree is found`() {
        #expect(SourceTree.sources.count > 10)
        #expect(SourceTree.tests.count > 5)
    }

    @Test func `lines are at most 120 characters`() {
        let long = violations(in: SourceTree.sources + SourceTree.tests) { file, index in
            file.lines[index].count > 120 ? "\(file.lines[index].count) characters" : nil
        }
        #expect(long == [])
    }

    @Test func `a source file has one subject and at most 400 lines`() {
        let long = SourceTree.sources.filter { $0.lines.count > 401 }.map { "\($0.path): \($0.lines.count) lines" }
        #expect(long == [])
    }

    @Test func `cores name no clock, chance, socket, lock or loose task`() {
        let cores = SourceTree.sources.filter { file in
            Self.coreFolders.contains { file.path.hasPrefix($0) } && !Self.exemptFromCoreRules.contains(file.path)
        }
        let found = violations(in: cores) { file, index in
            let line = file.lines[index].replacing("addTask {", with: "child {")
                .replacing("addImmediateTask {", with: "child {")
            guard !isComment(line) else { return nil }
            guard let (banned, instead) = Self.bannedInCores.first(where: { line.contains($0.0) }) else { return nil }
            if banned.hasPrefix(".random"), line.contains("using: &") { return nil }
            if banned == "import Foundation", Self.mayImportFoundation.contains(where: file.path.hasPrefix) {
                return nil
            }
            return "`\(banned)` is not for cores; use \(instead)"
        }
        #expect(found == [])
    }

    @Test func `only listed files leave memory safety`() {
        let found = violations(in: SourceTree.sources) { file, index in
            guard !Self.unsafeFolders.contains(where: { file.path.hasPrefix($0) }) else { return nil }
            let words = file.lines[index].split { !($0.isLetter || $0 == "_") }
            return words.contains("unsafe") && !isComment(file.lines[index]) ? "`unsafe` outside of the list" : nil
        }
        #expect(found == [])
    }

    @Test func `unchecked sendability is proved by a comment`() {
        let found = violations(in: SourceTree.sources) { file, index in
            let line = file.lines[index]
            guard line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") else { return nil }
            return isComment(line) || (index > 0 && isComment(file.lines[index - 1])) ? nil : "no comment above"
        }
        #expect(found == [])
    }

    @Test func `sources never trap on purpose`() {
        let found = violations(in: SourceTree.sources) { file, index in
            let line = file.lines[index]
            guard !isComment(line) else { return nil }
            return ["try!", "fatalError("].first { line.contains($0) }.map { "`\($0)`: throw a typed error" }
        }
        #expect(found == [])
    }

    @Test func `what is left to do names an issue`() {
        let found = violations(in: SourceTree.sources + SourceTree.tests) { file, index in
            guard file.path != "Tests/StyleTests/StyleTests.swift" else { return nil }
            let line = file.lines[index]
            let isMark = ["TODO", "FIXME", "XXX"].contains { line.contains($0) }
            return isMark && !line.contains("#") ? "no issue named" : nil
        }
        #expect(found == [])
    }

    @Test(arguments: ["Sources", "Tests", "setup", "docs", "Benchmarks"])
    func `no path holds a space`(folder: String) {
        #expect(SourceTree.paths(in: folder).filter { $0.contains(" ") } == [])
    }

    @Test func `a test never sleeps to wait`() {
        let found = violations(in: SourceTree.tests) { file, index in
            guard file.path != "Tests/StyleTests/StyleTests.swift" else { return nil }
            let line = file.lines[index]
            let isPoll =
                line.contains("poll")
                || ["Eventually.swift", "Poll.swift", "RawClient.swift"].contains {
                    file.path.hasSuffix("/Support/\($0)")
                }
            return line.contains("Task.sleep") && !isPoll ? "poll a condition (Eventually.swift) instead" : nil
        }
        #expect(found == [])
    }
}
