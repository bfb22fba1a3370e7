import Foundation
import Scenarios
import SystemSimulation
import Testing

/// Each told in docs/found-by-simulation.md; as plans, since what a seed draws changes with the simulation.
@Suite struct FoundTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Found")

    @Test(arguments: [630, 666, 2291, 5695, 7885, 21_575, 23_389, 49_115, 76_445, 79_024, 322_845])
    func `what was found once does not come back`(seed: Int) throws {
        let path = Self.folder.appending(path: "\(seed).yaml").path(percentEncoded: false)
        let scenario = try Scenario.read(path).simulation
        let plan = SystemPlan(seed: UInt64(seed), scenario: scenario)
        #expect(plan.messages.count == 50)
        #expect(SystemRun.run(plan).violations == [], "connector-sim replay \(path)")
    }
}
