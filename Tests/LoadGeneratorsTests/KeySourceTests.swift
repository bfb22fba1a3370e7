import LoadGenerators
import SeededRandom
import Testing

@Suite struct KeySourceTests {
    private func keys(_ kind: KeySource.Kind, lines: [[UInt8]] = [], seed: UInt64 = 1) -> [String?] {
        let source = KeySource(kind, lines: lines)
        var generator = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        return (0..<5_000).map { sequence in
            source.append(sequence, to: &bytes, using: &generator).map { String(decoding: bytes[$0], as: UTF8.self) }
        }
    }

    @Test func `keys are none, in turn, at random, or hot`() {
        #expect(Set(keys(.none)) == [nil])
        #expect(Array(keys(.sequential(count: 2)).prefix(3)) == ["key-0", "key-1", "key-0"])
        let uniform = Dictionary(grouping: keys(.uniform(count: 10))) { $0 }.mapValues(\.count)
        #expect(uniform.count == 10 && uniform.values.allSatisfy { abs($0 - 500) < 120 })
        let zipf = Dictionary(grouping: keys(.zipf(exponent: 1, count: 100))) { $0 }.mapValues(\.count)
        // The harmonic number of 100 is 5.187: the first has a share of 0.193, the second half of it.
        #expect(abs((zipf["key-0"] ?? 0) - 964) < 120)
        #expect(abs((zipf["key-1"] ?? 0) - 482) < 100)
        #expect(Set(keys(.file("x"), lines: [[65], [66]])) == ["A", "B"])
    }

    @Test func `the same seed draws the same keys, another one others`() {
        #expect(keys(.uniform(count: 50), seed: 5) == keys(.uniform(count: 50), seed: 5))
        #expect(keys(.uniform(count: 50), seed: 5) != keys(.uniform(count: 50), seed: 6))
    }

    @Test func `kinds are read as they are written`() {
        #expect(KeySource.kind("zipf:1.1:1000") == .zipf(exponent: 1.1, count: 1_000))
        #expect(KeySource.kind("uniform:5") == .uniform(count: 5))
        #expect(KeySource.kind("zipf:1.1") == nil)
    }
}
