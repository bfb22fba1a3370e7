// The code of the article SimulateYourOwnCode, run; and the article, compared with it.

import Foundation
import SeededRandom
import Simulation
import Testing

// article: begin
/// A counter that clients add to over a network that loses, doubles and reorders.
struct Add: Sendable { let id: Int }
struct Added: Sendable { let id: Int }

func simulateCounter(seed: UInt64, remembersIDs: Bool) throws -> CheckReport {
    let quality = LinkQuality(lossPercent: 20, duplicationPercent: 20, reorderingPercent: 20)
    let world = try SimulatedWorld.run(seed: seed, quality: quality) { world in
        // Outside of the process: what is on its disk, and stays when it crashes.
        let total = Confined(0)
        let seen = Confined<Set<Int>>([])
        let server = world.start("server") { process in
            while let message = await process.receive() {
                guard let add = message.content as? Add else { continue }
                if !remembersIDs || seen.value.insert(add.id).inserted { total.value += 1 }
                process.send(Added(id: add.id), to: message.sender)
            }
        }
        let acknowledged = Confined(0)
        world.start("client") { process in
            for id in 1...10 {
                repeat { process.send(Add(id: id), to: server) } while await !isAdded(id, process)
                acknowledged.value = id
            }
        }
        var generator = SeededGenerator(seed: seed)
        while acknowledged.value < 10 {
            try await world.clock.sleep(for: .milliseconds(Int.random(in: 1...100, using: &generator)))
            server.crash()
            server.restart()
        }
        world.checks.always(total.value == 10, "each addition counts once", "the total is \(total.value)")
        world.checks.sometimes(world.network.counts.duplicated > 0, "a message comes twice")
    }
    return world.checks.report
}

func isAdded(_ id: Int, _ process: SimulatedProcess) async -> Bool {
    while let message = await process.receive(within: .milliseconds(20)) {
        if (message.content as? Added)?.id == id { return true }
    }
    return false
}
// article: end

@Suite struct ArticleTests {
    @Test func `a counter that remembers what it has seen is right, whatever the network does`() throws {
        var report = CheckReport()
        for seed in UInt64(1)...100 { report.merge(try simulateCounter(seed: seed, remembersIDs: true)) }
        #expect(report.failures == [])
        #expect(report.neverTrue == [])
    }

    @Test func `one that does not counts twice, and the same seed shows it again`() throws {
        let seed = try #require(
            (UInt64(1)...100).first { try !simulateCounter(seed: $0, remembersIDs: false).failures.isEmpty })
        let first = try simulateCounter(seed: seed, remembersIDs: false)
        #expect(try simulateCounter(seed: seed, remembersIDs: false) == first)
    }

    @Test func `the article shows this very code`() throws {
        let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        let code = try #require(
            source.components(separatedBy: "// article: begin\n").last?.components(separatedBy: "// article: end").first
        )
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let article = try String(
            contentsOf: root.appending(path: "Sources/Simulation/Simulation.docc/SimulateYourOwnCode.md"),
            encoding: .utf8)
        #expect(article.contains("```swift\n\(code)```"))
    }
}
