import LoadGenerators
import SeededRandom
import Testing

@Suite struct PayloadSourceTests {
    private func values(
        _ count: Int, _ content: PayloadSource.Content, sizes: SizeDistribution = .fixed(0), most: Int = 1_000_000
    ) -> [[UInt8]] {
        var source = PayloadSource(content, sizes: sizes, most: most)
        var generator = SeededGenerator(seed: 1)
        return (0..<count).map { sequence in
            // A key before it, as in a batch.
            var bytes = Array("key-\(sequence)".utf8)
            let key = 0..<bytes.count
            let context = Template.Context(
                run: "run", producer: "0", sequence: sequence, intended: 1_700_000_000_003_000_000, key: key)
            source.append(context, line: [7, 8], to: &bytes, using: &generator)
            return Array(bytes[key.upperBound...])
        }
    }

    private func sizes(_ text: String, most: Int = 1_000_000) throws -> [Double] {
        values(4_000, .sentence, sizes: try #require(SizeDistribution(text)), most: most).map { Double($0.count) }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    @Test func `sizes are distributed as they are asked for`() throws {
        #expect(Set(try sizes("123")) == [123])
        let uniform = try sizes("uniform:100:300")
        #expect(uniform.min() == 100 && uniform.max() == 300)
        #expect(abs(mean(uniform) - 200) < 5)
        let normal = try sizes("normal:500:50")
        #expect(abs(mean(normal) - 500) < 5)
        let deviation = mean(normal.map { ($0 - 500) * ($0 - 500) }).squareRoot()
        #expect(abs(deviation - 50) < 3)
        let logNormal = try sizes("lognormal:200:1").sorted()
        #expect(abs(logNormal[2_000] - 200) < 15)
        // One sigma up is e times the median.
        #expect(abs(logNormal[3_365] - 543) < 60)
        #expect(try sizes("lognormal:200:3", most: 1_000).max() == 1_000)
        #expect(Set(try sizes("900", most: 20)) == [20])
    }

    @Test func `bytes by chance are as compressible as they are asked to be`() {
        let value = values(1, .random(compressibility: 0.25), sizes: .fixed(10_000))[0]
        #expect(value.count == 10_000)
        #expect(value.suffix(2_500).allSatisfy { $0 == 0 })
        #expect(Set(value.prefix(7_500)).count == 256)
    }

    @Test func `sentences repeat, text is words by chance, lines are as given`() {
        #expect(Set(values(3, .sentence, sizes: .fixed(50))).count == 1)
        let text = values(3, .text, sizes: .fixed(50))
        #expect(text.allSatisfy { $0.count == 50 })
        #expect(text[0] != text[1])
        #expect(values(2, .lines) == [[7, 8], [7, 8]])
    }

    @Test func `a template fills its fields`() throws {
        let template = try Template(
            "{\"n\":{{sequence}},\"t\":{{time}},\"r\":\"{{run}}/{{producer}}\",\"k\":\"{{key}}\",\"u\":\"{{uuid}}\","
                + "\"i\":{{int:5:6}},\"f\":{{float:0:1}},\"w\":\"{{text:4}}\",\"c\":\"{{choice:x|y}}\"}")
        let text = String(decoding: values(4, .template(template))[3], as: UTF8.self)
        let uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        let pattern = try Regex(
            #"\{"n":3,"t":1700000000003,"r":"run/0","k":"key-3","u":""# + uuid
                + #"","i":[56],"f":0\.[0-9e-]+,"w":"[a-z ]{4}","c":"[xy]"\}"#)
        #expect(text.wholeMatch(of: pattern) != nil, "\(text)")
        for text in ["{{nope}}", "{{int:5}}", "{{int:6:5}}", "{{sequence", "{{text:-1}}"] {
            #expect(throws: Template.UnknownField.self) { try Template(text) }
        }
    }
}
