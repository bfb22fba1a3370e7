import LoadGenerators
import SeededRandom
import Testing

@Suite struct LineSplitterTests {
    /// All lines of a text that comes in pieces of these sizes, over and over.
    private func lines(_ text: [UInt8], pieces: [Int], longest: Int = 100) throws -> [[UInt8]] {
        var splitter = LineSplitter(longest: longest)
        var found: [[UInt8]] = []
        var start = 0
        var turn = 0
        while start < text.count {
            let end = min(text.count, start + pieces[turn % pieces.count])
            let lines = try splitter.take(Array(text[start..<end]))
            found += lines.ranges.map { Array(lines.bytes[$0]) }
            start = end
            turn += 1
        }
        let last = try splitter.end()
        found += last.ranges.map { Array(last.bytes[$0]) }
        #expect(splitter.count == found.count)
        return found
    }

    private func texts(_ text: String, pieces: [Int]) throws -> [String] {
        try lines(Array(text.utf8), pieces: pieces).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [1, 2, 3, 5, 100]) func `lines are the same in whatever pieces they come`(size: Int) throws {
        #expect(try texts("one\r\ntwo\n\nfour\n", pieces: [size]) == ["one", "two", "", "four"])
        #expect(try texts("a\nlast", pieces: [size]) == ["a", "last"])
        #expect(try texts("\n", pieces: [size]) == [""])
        #expect(try texts("", pieces: [size]) == [])
        #expect(try texts("a\rb\n", pieces: [size]) == ["a\rb"])
    }

    @Test(arguments: [1, 4, 50]) func `a line that is too long is told with its number`(size: Int) throws {
        #expect(try lines(Array("12345\r\n".utf8), pieces: [size], longest: 5) == [Array("12345".utf8)])
        let error = #expect(throws: LineSplitter.TooLong.self) {
            try lines(Array("1\n2\n123456\n".utf8), pieces: [size], longest: 5)
        }
        #expect(error?.line == 3)
        // Without waiting for its end.
        var splitter = LineSplitter(longest: 5)
        #expect(throws: LineSplitter.TooLong.self) { try splitter.take(Array("1234567".utf8)) }
    }

    @Test func `random bytes in random pieces are what splitting at once finds`() throws {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<300 {
            let alphabet = Array("\n\rAB".utf8)
            let count = Int.random(in: 0...60, using: &generator)
            let text: [UInt8] = (0..<count).map { _ in alphabet[Int.random(in: 0..<4, using: &generator)] }
            let pieces = (0..<5).map { _ in Int.random(in: 1...20, using: &generator) }
            #expect(try lines(text, pieces: pieces) == lines(text, pieces: [1000]))
        }
    }
}
