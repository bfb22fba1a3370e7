import NIOCore
import NIOEmbedded
import NIOHTTP1
import SeededRandom
import Testing

@testable import HTTP

/// What a parser makes of bytes, written down; a body in one piece.
private struct Transcript: Equatable {
    var parts: [String] = []
    private(set) var failed = false
    /// Of the message that has not ended.
    private var body = ""

    mutating func head(_ line: String, _ fields: [(name: String, value: String)]) {
        parts.append(([line] + fields.map { "\($0.name): \($0.value)" }).joined(separator: "\n"))
    }

    mutating func add(_ bytes: ByteBuffer) { body += String(buffer: bytes) }

    mutating func end() {
        parts.append("body \(body)")
        body = ""
    }

    mutating func fail() { failed = true }
}

struct ParserTests {
    // MARK: Of this project

    private func requests(_ pieces: [[UInt8]]) -> Transcript {
        var parser = MessageParser<RequestHead>(limits: HTTPLimits())
        var transcript = Transcript()
        var isLast = false
        do throws(MessageError) {
            for piece in pieces {
                parser.append(ByteBuffer(bytes: piece))
                while let part = try parser.next() {
                    switch part {
                    case .head(let head):
                        isLast = head.method == .CONNECT || head.frame.hasUpgrade
                        transcript.head(
                            "\(head.method) \(head.target) 1.\(head.isHTTP1_0 ? 0 : 1)",
                            head.headers.map { ($0.name, $0.value) })
                    case .body(let bytes): transcript.add(bytes)
                    case .end:
                        transcript.end()
                        // The server closes after it, as NIO's parser stops.
                        if isLast { return transcript }
                    }
                }
            }
        } catch { transcript.fail() }
        return transcript
    }

    private func replies(_ pieces: [[UInt8]]) -> Transcript {
        var parser = MessageParser<ReplyHead>(limits: HTTPLimits())
        var transcript = Transcript()
        do throws(MessageError) {
            for piece in pieces {
                parser.append(ByteBuffer(bytes: piece))
                while let part = try parser.next() {
                    switch part {
                    case .head(let head):
                        transcript.head("\(head.status) 1.\(head.isHTTP1_0 ? 0 : 1)", Array(head.fields))
                    case .body(let bytes): transcript.add(bytes)
                    case .end: transcript.end()
                    }
                }
            }
            if parser.endsWithConnection { transcript.end() } else if !parser.isEmpty { transcript.fail() }
        } catch { transcript.fail() }
        return transcript
    }

    // MARK: Of NIO, which has llhttp's

    private func requestsByNIO(_ bytes: [UInt8]) throws -> Transcript {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
        var transcript = Transcript()
        do { try channel.writeInbound(ByteBuffer(bytes: bytes)) } catch { transcript.fail() }
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                transcript.head(
                    "\(head.method) \(head.uri) 1.\(head.version.minor)", head.headers.map { ($0.name, $0.value) })
            case .body(let bytes): transcript.add(bytes)
            case .end: transcript.end()
            }
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return transcript
    }

    private func repliesByNIO(_ bytes: [UInt8]) throws -> Transcript {
        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(HTTPResponseDecoder(informationalResponseStrategy: .drop)))
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
        for _ in 0..<8 { _ = try channel.writeOutbound(HTTPClientRequestPart.head(head)) }
        var transcript = Transcript()
        do { try channel.writeInbound(ByteBuffer(bytes: bytes)) } catch { transcript.fail() }
        if !transcript.failed { do { _ = try channel.finish(acceptAlreadyClosed: true) } catch { transcript.fail() } }
        while let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
            switch part {
            case .head(let head):
                transcript.head(
                    "\(head.status.code) 1.\(head.version.minor)", head.headers.map { ($0.name, $0.value) })
            case .body(let bytes): transcript.add(bytes)
            case .end: transcript.end()
            }
        }
        return transcript
    }

    // MARK: Mutated messages

    /// Whether neither contradicts the other: one of them may have stopped earlier.
    private func agree(_ one: Transcript, _ other: Transcript) -> Bool {
        zip(one.parts, other.parts).allSatisfy { $0 == $1 }
    }

    @Test func `requests mean the same to this parser and to NIO's`() throws {
        try compare(FuzzTests.requests, ours: requests, theirs: requestsByNIO)
    }

    @Test func `replies mean the same to this parser and to NIO's`() throws {
        try compare(FuzzTests.replies, ours: replies, theirs: repliesByNIO)
    }

    private func compare(
        _ good: [[UInt8]], ours parse: ([[UInt8]]) -> Transcript, theirs parseByNIO: ([UInt8]) throws -> Transcript
    ) throws {
        var (taken, stricter) = (0, 0)
        for seed in UInt64(0)..<3_000 {
            var mutator = Mutator(seed: seed)
            let bytes = mutator.mutate(good)
            let (ours, theirs) = (parse([bytes]), try parseByNIO(bytes))
            #expect(agree(ours, theirs), "seed \(seed)")
            if ours.failed && !theirs.failed { stricter += 1 }
            if !ours.failed && !ours.parts.isEmpty { taken += 1 }
            #expect(parse(mutator.pieces(of: bytes)) == ours, "seed \(seed)")
        }
        #expect(taken > 500)
        // A control character in a reason, a lone line feed between messages, HTTP/0.9.
        #expect(stricter < 30)
    }

    // MARK: Where leniency would be dangerous

    @Test(arguments: [
        "GET / HTTP/1.1\nHost: x\n\n", "GET / HTTP/1.1\r\nHost: x\n\r\n", "GET / HTTP/1.1\r\nA\r\n\r\n",
        "GET / HTTP/1.1\r\nA : 1\r\n\r\n", "GET / HTTP/1.1\r\n: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nA: 1\r\n 2\r\n\r\n", "GET / HTTP/1.1\r\nA: 1\u{0}\r\n\r\n",
        "GET / HTTP/1.1\r\nA: 1\r2\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / x HTTP/1.1\r\n\r\n",
        "GET / http/1.1\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 9223372036854775808\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "POST / HTTP/1.1\r\nTransfer-Encoding: ,\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n8000000000000000\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n",
    ])
    func `a message whose end is in doubt is refused`(_ text: String) {
        #expect(requests([Array(text.utf8)]).failed)
        #expect(requests(text.utf8.map { [$0] }).failed)
    }

    @Test func `what has no end is refused before it is kept`() {
        func isRefused(_ start: String, _ endless: String) -> Bool {
            var parser = MessageParser<RequestHead>(limits: HTTPLimits())
            parser.append(ByteBuffer(string: start))
            for _ in 0..<20 {
                parser.append(ByteBuffer(string: String(repeating: endless, count: 100_000 / endless.utf8.count)))
                do { while try parser.next() != nil {} } catch { return true }
            }
            return false
        }
        #expect(isRefused("", "G"))
        #expect(isRefused("GET /", "a"))
        #expect(isRefused("GET / HTTP/1.1\r\n", "a"))
        #expect(isRefused("GET / HTTP/1.1\r\nA:", " "))
        #expect(isRefused("GET / HTTP/1.1\r\n", "a: 1\r\n"))
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(isRefused(chunked, "0"))
        #expect(isRefused(chunked + "1;", "a"))
        #expect(isRefused(chunked + "0\r\n", "a: 1\r\n"))
    }
}
