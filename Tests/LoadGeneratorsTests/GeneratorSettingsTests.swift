import LoadGenerators
import SeededRandom
import Testing

@Suite struct GeneratorSettingsTests {
    private func settings(_ values: [String: String]) -> GeneratorSettings { GeneratorSettings { values[$0] } }

    @Test func `what is not set is nothing, and a closed loop`() throws {
        let settings = settings([:])
        #expect(try settings.keys() == nil)
        #expect(try settings.sizes() == nil)
        #expect(try settings.payload() == nil)
        #expect(try settings.arrivals() == nil)
        #expect(try settings.curve() == nil)
    }

    @Test func `records and schedule are read by load-producer's names`() throws {
        let settings = settings([
            "keys": "zipf:2:5", "size": "uniform:1:9", "payload": "Text", "tombstones": "0.5", "rate": "4",
            "shape": "sine", "arrivals": "poisson", "period": "2s",
        ])
        #expect(try settings.keys() == .zipf(exponent: 2, count: 5))
        #expect(try settings.sizes() == .uniform(1...9))
        #expect(try settings.payload() == .text)
        #expect(try settings.tombstones() == 0.5)
        #expect(try settings.curve() == .sine(mean: 4, amplitude: 2, period: 2))
        #expect(try settings.arrivals() == .poisson)
        #expect(try self.settings(["steps": "5:1s"]).curve() == .steps([.init(rate: 5, seconds: 1)]))
        #expect(try self.settings(["rate": "1", "shape": "poisson"]).arrivals() == .poisson)
    }

    @Test func `what is missing is told apart from what is wrong`() {
        #expect {
            try settings(["shape": "ramp", "rate": "1"]).curve()
        } throws: {
            ($0 as? InvalidSetting).map { $0.name == "rate_to" && $0.isNeeded } == true
        }
        #expect(throws: InvalidSetting("rate", accepted: "a number from 0 to 1000000000")) {
            try settings(["rate": "fast"]).curve()
        }
    }
}
