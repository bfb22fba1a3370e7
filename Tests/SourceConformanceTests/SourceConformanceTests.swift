// Every source of this package against the suite, and docs/conformance.md's table of it.

import Connector
import Foundation
import SourceConformance
import Testing

/// A source and its surroundings.
struct TestedSource: Sendable, CustomTestStringConvertible {
    let profile: SourceProfile
    let makeHarness: @Sendable () async throws -> any SourceHarness

    var testDescription: String { profile.name }

    static let all: [TestedSource] = [
        TestedSource(profile: KafkaHarness.profile) { try await KafkaHarness() },
        TestedSource(profile: RabbitMQHarness.profile) { try await RabbitMQHarness() },
        TestedSource(profile: SNSHarness.profile(raw: false)) { try SNSHarness(raw: false) },
        TestedSource(profile: SNSHarness.profile(raw: true)) { try SNSHarness(raw: true) },
        TestedSource(profile: MemoryHarness.profile) { await MemoryHarness() },
        TestedSource(profile: FileTailHarness.profile) { try FileTailHarness() },
    ]
}

/// A clause that applies to a source.
struct Case: Sendable, CustomTestStringConvertible {
    let source: TestedSource
    let clause: Clause

    var testDescription: String { "\(source.profile.name): \(clause)" }

    static let all: [Case] = TestedSource.all.flatMap { source in
        Clause.all.filter { $0.missing(in: source.profile) == nil }.map { Case(source: source, clause: $0) }
    }
}

@Suite struct SourceConformanceTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test(arguments: Case.all) func `a source keeps the clauses that apply to it`(_ tested: Case) async throws {
        let harness = try await tested.source.makeHarness()
        do { try await tested.clause.check(harness) } catch {
            await harness.shutDown()
            throw error
        }
        await harness.shutDown()
    }

    @Test(arguments: TestedSource.all) func `a source can do what its profile says`(_ tested: TestedSource) async throws
    {
        let harness = try await tested.makeHarness()
        let source = try await harness.makeSource(.atMostOnce)
        #expect(source.capabilities == tested.profile.capabilities)
        await source.close()
        await harness.shutDown()
    }

    /// What passes is what the test above ran.
    @Test func `the table in docs/conformance.md is the one of the code`() throws {
        let table = ConformanceTable.markdown(TestedSource.all.map(\.profile))
        print(table)
        let document = try String(contentsOf: Self.root.appending(path: "docs/conformance.md"), encoding: .utf8)
        #expect(document.contains("\n\(table)\n"), "put the table printed above into docs/conformance.md")
    }

    /// docs/write-a-source.md shows what is compiled here.
    @Test(arguments: ["FileTailSource", "FileTailHarness"])
    func `the code in docs/write-a-source.md is the code that is tested`(_ file: String) throws {
        let code = try String(
            contentsOf: Self.root.appending(path: "Tests/SourceConformanceTests/Example/\(file).swift"), encoding: .utf8
        )
        let document = try String(contentsOf: Self.root.appending(path: "docs/write-a-source.md"), encoding: .utf8)
        #expect(document.contains("```swift\n\(code)```\n"), "put \(file).swift into docs/write-a-source.md")
    }
}
