import SeededRandom
import Testing

@testable import LoadProducer

@Suite struct FollowingTests {
    private let header = "run=r;producer=p;sequence=3;intended=5;crc=0000000a"

    private func line(_ time: String, _ text: String) -> String {
        "{\"name\":\"f\",\"instance\":\"f-0\",\"timestamp\":\"\(time)\",\"text\":\"\(text)\"}\n"
    }

    @Test func `the header is found wherever it stands in a line`() {
        for text in [header, "X-Kafka-Load-Record: \(header)", "{'x': '\(header)'}", "got (\(header)) today"] {
            #expect(LogReader.header(in: text)?.description == header)
        }
        #expect(LogReader.header(in: "run=away") == nil)
        #expect(LogReader.header(in: "nothing") == nil)
    }

    @Test func `lines that come in two answers count once`() {
        var reader = LogReader(function: "f.dev")
        #expect(reader.target == "/system/logs?name=f&follow=false&tail=-1&namespace=dev")
        let first = line("2026-01-01T00:00:00.1Z", header) + line("2026-01-01T00:00:01Z", header + ";abort")
        #expect(reader.read(first).count == 2)
        #expect(reader.target.hasSuffix("&since=2026%2D01%2D01T00%3A00%3A01Z"))
        let second = line("2026-01-01T00:00:01Z", header + ";abort") + line("2026-01-01T00:00:01Z", header)
        #expect(reader.read(second).count == 1)
        #expect(reader.read(second).isEmpty)
        #expect(reader.read("").isEmpty)
        #expect(reader.read("nonsense\n{}\n").isEmpty)
    }

    @Test func `times are read as RFC 3339 has them`() {
        #expect(LogReader.nanoseconds("1970-01-01T00:00:01.5Z") == 1_500_000_000)
        #expect(LogReader.nanoseconds("2024-02-29T12:00:00.123456789+02:00") == 1_709_200_800_123_456_789)
        #expect(LogReader.nanoseconds("2024-13-01T00:00:00Z") == nil)
        #expect(LogReader.nanoseconds("yesterday") == nil)
    }

    @Test func `producers that come together go together, and ends of earlier runs are no presence`() {
        var muster = Muster(run: "r", replicas: 2)
        func ready(_ name: String) -> BarrierNote { .init(run: "r", producer: name, kind: .ready) }
        // A run before, of the same name.
        for name in ["a", "b"] { muster.take(ready(name), mayComplete: false) }
        for name in ["a", "b"] {
            muster.take(.init(run: "r", producer: name, kind: .report, report: Report()), mayComplete: false)
        }
        #expect(muster.present.isEmpty && muster.members == nil)
        muster.take(.init(run: "other", producer: "c", kind: .ready), mayComplete: true)
        muster.take(ready("b"), mayComplete: true)
        muster.take(ready("b"), mayComplete: true)
        #expect(muster.members == nil && muster.reports["b"] == nil)
        muster.take(.init(run: "r", producer: "b", kind: .left), mayComplete: true)
        muster.take(ready("a"), mayComplete: true)
        #expect(muster.members == nil)
        muster.take(ready("b"), mayComplete: true)
        #expect(muster.members == ["a", "b"])
        muster.take(.init(run: "r", producer: "b", kind: .report, report: Report()), mayComplete: true)
        #expect(muster.members == ["a", "b"] && muster.reports["b"] != nil)
    }

    @Test func `mutated notes and log lines never trap`() {
        var generator = SeededGenerator(seed: 9)
        let note = BarrierNote(run: "r", producer: "a", kind: .report, report: Report()).bytes
        #expect(BarrierNote(note)?.producer == "a")
        var reader = LogReader(function: "f")
        let log = Array(line("2026-01-01T00:00:00.1Z", header).utf8)
        for _ in 0..<5_000 {
            for original in [note, log] {
                var bytes = original
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                _ = BarrierNote(bytes)
                _ = reader.read(String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
