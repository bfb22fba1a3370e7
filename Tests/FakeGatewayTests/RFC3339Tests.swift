import SeededRandom
import Testing

@testable import FakeGateway

@Suite struct RFC3339Tests {
    @Test func `a time is written as Go writes it, and read again`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<10_000 {
            let nanoseconds = Int64.random(in: 0...7_000_000_000_000_000_000, using: &generator)
            let time = GatewayTime(unixNanoseconds: nanoseconds)
            #expect(RFC3339.parse(RFC3339.text(time)) == time)
        }
        let time = GatewayTime(unixNanoseconds: 1_764_115_200_250_000_000)
        #expect(RFC3339.text(time) == "2025-11-26T00:00:00.25Z")
        #expect(RFC3339.text(seconds: time) == "2025-11-26T00:00:00Z")
        #expect(RFC3339.parse("2025-11-26T01:30:00.25+01:30") == time)
        #expect(RFC3339.parse("2025-11-25t22:00:00.250000000999-02:00") == time)
    }

    @Test(arguments: [
        "", "2025", "2025-11-26", "2025-11-26T00:00:00", "2025-11-26 00:00:00Z", "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z", "2025-04-31T00:00:00Z", "2025-11-26T24:00:00Z", "2025-11-26T00:60:00Z",
        "2025-11-26T00:00:00.Z", "2025-11-26T00:00:00Z ", "2025-11-26T00:00:00+1:00", "9999-01-01T00:00:00Z",
    ])
    func `what is no time is none`(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test func `spoilt times never trap`() {
        var generator = SeededGenerator(seed: 4)
        let alphabet = Array("0123456789-:TtZz+. é".unicodeScalars)
        for _ in 0..<20_000 {
            var scalars = Array("2025-11-26T01:30:00.25+01:30".unicodeScalars)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<scalars.count, using: &generator)
                scalars[index] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            _ = RFC3339.parse(text)
        }
    }
}
