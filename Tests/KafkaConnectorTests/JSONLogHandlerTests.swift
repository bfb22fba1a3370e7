import Connector
import Foundation
import KafkaConnector
import Logging
import Synchronization
import Testing

/// Logs that programs read.
@Suite struct JSONLogHandlerTests {
    private final class Lines: Sendable {
        private let content = Mutex<[String]>([])
        func add(_ line: String) { content.withLock { $0.append(line) } }
        var all: [String] { content.withLock { $0 } }

        func objects() throws -> [[String: Any]] {
            try all.map { line in
                #expect(line.hasSuffix("}\n") && line.dropLast().allSatisfy { !$0.isNewline })
                return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
        }
    }

    private func logger(_ lines: Lines) -> Logger {
        var logger = Logger(label: "kafka-connector") { JSONLogHandler(label: $0, write: lines.add) }
        logger.logLevel = .debug
        return logger
    }

    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    private let event = Event(
        id: EventID(topic: "orders", partition: 3, offset: 42), payload: Bytes("secret payload"),
        key: Bytes("alice@example.com"),
        headers: [EventHeader(name: "traceparent", value: Bytes("00-\(trace)-b7ad6b7169203331-01"))])

    @Test func `a line is an object with time, level, text and fields by their kinds`() throws {
        let lines = Lines()
        var options = LogObserver.Options()
        options.addsFields = true
        let observer = LogObserver(logger(lines), options: options)
        let function = FunctionName("figlet", namespace: "dev")
        observer.connector(did: .received(event))
        let sad = Reply(status: 503, callID: "c-1")
        observer.connector(did: .replied(function, event, sad, after: .microseconds(1500)))
        observer.connector(did: .gaveUp(function, event, .attemptsExhausted))
        let objects = try lines.objects()
        #expect(objects.count == 3)
        let reply = objects[1]
        #expect((reply["ts"] as? String)?.hasSuffix("Z") == true)
        #expect(reply["level"] as? String == "warning")
        #expect(reply["msg"] as? String == "Response [503] from figlet.dev")
        #expect(reply["topic"] as? String == "orders")
        #expect(reply["partition"] as? Int == 3)
        #expect(reply["offset"] as? Int == 42)
        #expect(reply["function"] as? String == "figlet")
        #expect(reply["namespace"] as? String == "dev")
        #expect(reply["status"] as? Int == 503)
        #expect(reply["duration_ms"] as? Double == 1.5)
        #expect(reply["call_id"] as? String == "c-1")
        #expect(reply["trace_id"] as? String == Self.trace)
        #expect((reply["key_hash"] as? String)?.isEmpty == false)
        #expect(objects[2]["reason"] as? String == "attempts_exhausted")
        #expect(!lines.all.joined().contains("alice"))
        #expect(!lines.all.joined().contains("secret payload"))
    }

    @Test(arguments: ["a \"quoted\" \\ text", "two\nlines\t\u{0}\u{1b}", "ünï 🎉", ""])
    func `any text stays on one line and comes back as it was`(text: String) throws {
        let lines = Lines()
        logger(lines).info("\(text)", metadata: ["level": "forged", "name\n": .array(["\(text)", ["k": "\(text)"]])])
        let object = try #require(try lines.objects().first)
        #expect(object["msg"] as? String == text)
        #expect(object["level"] as? String == "info")
        #expect((object["name\n"] as? [Any])?.first as? String == text)
    }

    @Test func `a malformed trace is left out`() throws {
        for value in ["", "00", "00-xyz-b7-01", "00-\(String(repeating: "g", count: 32))-b7-01"] {
            let lines = Lines()
            var options = LogObserver.Options()
            options.addsFields = true
            let event = Event(
                id: EventID(topic: "t", partition: 0, offset: 0), payload: nil,
                headers: [EventHeader(name: "traceparent", value: Bytes(value))])
            LogObserver(logger(lines), options: options).connector(did: .received(event))
            #expect(try lines.objects().first?["trace_id"] == nil)
        }
    }

    @Test func `bodies, syncs and sessions are logged by their switches`() {
        func text(_ change: (inout LogObserver.Options) -> Void) -> String {
            let lines = Lines()
            var logger = logger(lines)
            logger.logLevel = .info
            var options = LogObserver.Options()
            change(&options)
            let observer = LogObserver(logger, options: options)
            observer.connector(did: .received(event))
            observer.connector(did: .mapSynced(.empty, changed: false))
            observer.connector(did: .notice(.rebalanced(assigned: [], epoch: Epoch(1))))
            return lines.all.joined()
        }
        let usual = text { _ in }
        #expect(!usual.contains("secret payload") && !usual.contains("unchanged") && usual.contains("Rebalanced"))
        #expect(text { $0.printsEvents = true }.contains("secret payload"))
        #expect(text { $0.printsSyncs = true }.contains("unchanged"))
        #expect(!text { $0.logsSessions = false }.contains("Rebalanced"))
    }

    @Test func `a body in the log is bounded, and looks like no other line`() throws {
        let lines = Lines()
        var logger = logger(lines)
        logger.logLevel = .info
        var options = LogObserver.Options()
        options.printsEvents = true
        let observer = LogObserver(logger, options: options)
        let payload = "a\nerror Forged\u{1b}[2J" + String(repeating: "x", count: 100_000)
        let event = Event(id: EventID(topic: "t", partition: 0, offset: 0), payload: Bytes(payload))
        observer.connector(did: .received(event))
        let text = try #require(try lines.objects().first?["msg"] as? String)
        #expect(text.contains(#"'a\u{a}error Forged\u{1b}[2Jx"#))
        #expect(text.hasSuffix("x…'"))
        #expect(text.utf8.count < 66_000)
    }

    @Test func `an annotation, or what is said of a topic, looks like no other line`() throws {
        let lines = Lines()
        var logger = logger(lines)
        logger.logLevel = .info
        let observer = LogObserver(logger, options: LogObserver.Options())
        let topic = "a\nerror Forged"
        let description = FunctionDescription(
            name: FunctionName("f", namespace: "openfaas-fn"), annotations: ["topic": topic])
        observer.connector(did: .mapSynced(TopicMap([description]), changed: true))
        observer.connector(did: .notice(.transientFailure("no topic can be named '\(topic)'")))
        let texts = try lines.objects().compactMap { $0["msg"] as? String }
        #expect(texts.count == 2)
        #expect(texts.allSatisfy { $0.contains(#"a\u{a}error Forged"#) && !$0.contains("\n") }, "\(texts)")
    }
}
