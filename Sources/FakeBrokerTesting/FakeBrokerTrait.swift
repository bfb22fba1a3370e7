public import FakeBroker
internal import Synchronization
public import Testing

/// Gives each test a cluster of its own, and prints what the cluster saw if the test fails.
///
///     @Test(.fakeBroker { $0.topics = [.init("orders")] })
///     func `an order is sent`() async throws {
///         let broker = try FakeBroker.current
///         …
///     }
///
/// On a suite each of its tests gets one. A library of its own, so that who uses `FakeBroker` elsewhere than in tests
/// does not link Swift Testing.
public struct FakeBrokerTrait: TestTrait, SuiteTrait, TestScoping {
    private let configuration: FakeBroker.Configuration
    private let report: @Sendable (String) -> Void
    /// Known ones do not fail a test.
    var tellsOfKnownIssues = false

    public var isRecursive: Bool { true }

    init(_ configuration: FakeBroker.Configuration, report: @escaping @Sendable (String) -> Void) {
        self.configuration = configuration
        self.report = report
    }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let hasFailed = Failure()
        let notice = IssueHandlingTrait.compactMapIssues { issue in
            if issue.isFailure || tellsOfKnownIssues { hasFailed.note() }
            return issue
        }
        let broker = try await FakeBroker.start(configuration)
        do {
            try await notice.provideScope(for: test, testCase: testCase) {
                try await FakeBroker.$scoped.withValue(broker) { try await function() }
            }
        } catch {
            await tell(test, broker)
            throw error
        }
        if hasFailed.isNoted { await tell(test, broker) } else { await broker.shutdown() }
    }

    private func tell(_ test: Test, _ broker: FakeBroker) async {
        let entries = (try? await broker.journal()) ?? []
        await broker.shutdown()
        let lines = entries.map(\.description).joined(separator: "\n")
        report("'\(test.displayName ?? test.name)' failed. The journal of its FakeBroker:\n\(lines)\n")
    }
}

/// Issues come from any task of the test.
private final class Failure: Sendable {
    private let noted = Mutex(false)

    var isNoted: Bool { noted.withLock { $0 } }

    func note() { noted.withLock { $0 = true } }
}

extension Trait where Self == FakeBrokerTrait {
    /// A cluster for each test, at ``FakeBroker/FakeBroker/current``: stopped after it, and if it fails its journal
    /// is printed.
    public static func fakeBroker(
        _ change: (inout FakeBroker.Configuration) -> Void = { _ in }
    ) -> FakeBrokerTrait {
        var configuration = FakeBroker.Configuration()
        change(&configuration)
        return FakeBrokerTrait(configuration) { print($0) }
    }
}

extension FakeBroker {
    @TaskLocal static var scoped: FakeBroker?

    /// The cluster that the ``FakeBrokerTrait`` of the running test has started.
    ///
    /// - Throws: ``NoFakeBroker`` in a test without that trait.
    public static var current: FakeBroker {
        get throws(NoFakeBroker) {
            guard let scoped else { throw NoFakeBroker() }
            return scoped
        }
    }
}

/// The running test has no cluster.
public struct NoFakeBroker: Error, CustomStringConvertible {
    public var description: String { "This test has no cluster. Give it or its suite the trait .fakeBroker()." }
}
