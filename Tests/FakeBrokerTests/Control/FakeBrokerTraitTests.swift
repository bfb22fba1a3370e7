import FakeBroker
import KafkaProtocol
import Synchronization
import Testing

@testable import FakeBrokerTesting

@Suite(.fakeBroker { $0.topics = [.init("orders")] })
struct `A test with the trait` {
    @Test func `has a cluster of its own`() async throws {
        let broker = try FakeBroker.current
        #expect(try await broker.topics() == ["orders"])
        #expect(try await broker.append([.init("a")], to: "orders") == 0)
    }

    @Test(arguments: 1...2) func `has one for each case`(_: Int) async throws {
        #expect(try await FakeBroker.current.append([.init("a")], to: "orders") == 0)
    }
}

@Suite struct `A test's cluster` {
    private final class Reports: Sendable {
        let texts = Mutex<[String]>([])
        func add(_ text: String) { texts.withLock { $0.append(text) } }
    }

    private struct Broken: Error {}

    private func reports(of body: @Sendable @concurrent @escaping () async throws -> Void) async throws -> [String] {
        let reports = Reports()
        let trait = FakeBrokerTrait(.init()) { reports.add($0) }
        let test = try #require(Test.current)
        try? await trait.provideScope(for: test, testCase: nil, performing: body)
        return reports.texts.withLock { $0 }
    }

    @Test func `says nothing if the test passes, and what it saw if it throws`() async throws {
        #expect(try await reports { _ = try FakeBroker.current }.isEmpty)
        let told = try await reports {
            let client = try await TestClient.connect(to: try FakeBroker.current)
            _ = try await client.call(.apiVersions(.init()), version: 0)
            throw Broken()
        }
        #expect(told.count == 1)
        #expect(told.first?.contains("ApiVersions v0") == true)
    }

    @Test func `says what it saw if an expectation fails`() async throws {
        let reports = Reports()
        let test = try #require(Test.current)
        var trait = FakeBrokerTrait(.init()) { reports.add($0) }
        trait.tellsOfKnownIssues = true
        await withKnownIssue { [trait] in
            try await trait.provideScope(for: test, testCase: nil) { #expect(Bool(false)) }
        }
        #expect(reports.texts.withLock { $0.count } == 1)
    }

    @Test func `is not there without the trait`() {
        #expect(throws: NoFakeBroker.self) { try FakeBroker.current }
    }
}
