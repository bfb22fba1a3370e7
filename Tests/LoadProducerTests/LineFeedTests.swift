import Foundation
import LoadGenerators
import LoadProducer
import Testing

@Suite struct LineFeedTests {
    private func file(_ text: String) throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(path: "lines-\(UUID())")
        try Data(text.utf8).write(to: url)
        return url.path()
    }

    /// So many lines, or those up to the end.
    private func lines(_ count: Int, of feed: LineFeed) async throws -> [String] {
        var found: [String] = []
        while found.count < count {
            switch feed.take() {
            case .lines(let lines): found += lines.ranges.map { String(decoding: lines.bytes[$0], as: UTF8.self) }
            case .nothing: await feed.wait()
            case .end: return found
            case .failed(let failure): throw failure
            }
        }
        return found
    }

    @Test func `a file that does not fit in what is read ahead comes whole, and again`() async throws {
        let texts = (0..<40_000).map { "\($0) " + String(repeating: "x", count: $0 % 70) }
        let path = try file(texts.joined(separator: "\n"))
        let feed = try LineFeed(.init(path: path, longest: 1_000))
        let found = try await lines(80_000, of: feed)
        #expect(Array(found.prefix(80_000)) == texts + texts)
        feed.stop()
    }

    @Test func `what was stopped ends, whoever waits`() async throws {
        let feed = try LineFeed(.init(path: try file("a\n"), longest: 10))
        feed.stop()
        await feed.wait()
    }

    @Test func `a file without a line, with one too long, or none at all is told`() async throws {
        for (text, words) in [("", "at least one line"), ("ab\nabcd\n", "line 2 of")] {
            let feed = try LineFeed(.init(path: try file(text), longest: 3))
            let failure = await #expect(throws: Failure.self) { try await lines(10, of: feed) }
            #expect(failure?.description.contains(words) == true)
        }
        #expect(throws: Failure.self) { try LineFeed(.init(path: "/nowhere/at/all", longest: 3)) }
    }
}
