import TestSupport
import FakeGateway
import Foundation
import NIOHTTP1
import Testing

/// `/system/logs`: which lines, in what form, and for how long.
@Suite struct LogTests {
    private let talker = Function("talker") { request in
        var reply = FunctionReply("ok")
        reply.log = [request.text]
        return reply
    }

    private func texts(_ answer: Answer) throws -> [String] {
        try answer.body.split(separator: "\n").map { line in
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
            #expect(object.keys.sorted() == ["instance", "name", "namespace", "text", "timestamp"])
            return try #require(object["text"])
        }
    }

    @Test(arguments: Driver.allCases)
    func `lines come one JSON object each, the last ones first if asked so`(driver: Driver) async throws {
        try await Client.with(driver, FakeGateway.Configuration(.faasNetes, talker)) { client in
            for word in ["one", "two"] {
                _ = try await client.send(.POST, "/function/talker/p?q=1", body: word)
            }
            let all = try await client.send(.GET, "/system/logs?name=talker")
            #expect(all.header("Content-Type") == "text/plain; charset=utf-8")
            #expect(all.header("Content-Length") == nil)
            let lines = try texts(all)
            #expect(lines.count == 4)
            #expect(lines[0] == "one")
            #expect(lines[1].wholeMatch(of: /POST \/p\?q=1 - 200 OK - ContentLength: 2B \(0\.\d{4}s\)/) != nil)
            #expect(try texts(await client.send(.GET, "/system/logs?name=talker&tail=2")).first == "two")
            #expect(try texts(await client.send(.GET, "/system/logs?name=talker&tail=0")).count == 4)
            let none = "/system/logs?name=talker&since=2100-01-01T00:00:00Z"
            #expect(try await client.send(.GET, none).body.isEmpty)
            let past = "/system/logs?name=talker&since=2001-01-01T00:00:00.5%2B02:00&instance=talker-0"
            #expect(try texts(await client.send(.GET, past)).count == 4)
            #expect(try await client.send(.GET, "/system/logs?name=talker&instance=x").body.isEmpty)
            #expect(try await client.send(.GET, "/system/logs?name=nope").status == 200)
        }
    }

    @Test(arguments: [
        ("", 500, "function log request failed\n"), ("name=a&tail=x", 422, "could not parse the log request\n"),
        ("name=a&since=yesterday", 422, "could not parse the log request\n"),
        ("name=a&since=2026-13-01T00:00:00Z", 422, "could not parse the log request\n"),
        ("name=a&namespace=nope", 400, "namespace must be: openfaas-fn\n"),
    ])
    func `an error of the provider is the gateway's 500`(query: String, status: Int, text: String) async throws {
        try await Client.with(.tcp, FakeGateway.Configuration(.provider, talker)) { client in
            let answer = try await client.send(.GET, "/system/logs?\(query)")
            #expect(answer.status == status)
            #expect(answer.body == text)
        }
        try await Client.with(.tcp, FakeGateway.Configuration(.faasNetes, talker)) { client in
            let answer = try await client.send(.GET, "/system/logs?\(query)")
            #expect(answer.status == 500)
            #expect(answer.body == "unknown log request error (\(status))\n")
        }
    }

    @Test(arguments: [
        (0, "0B"), (999, "999B"), (1000, "1kB"), (1234, "1.234kB"), (12_346, "12.35kB"), (1_500_000, "1.5MB"),
    ])
    func `a call is logged with its size in four digits`(bytes: Int, size: String) async throws {
        let function = Function("big") { _ in FunctionReply(body: [UInt8](repeating: 65, count: bytes)) }
        try await Client.with(.inMemory, FakeGateway.Configuration(.faasNetes, function)) { client in
            _ = try await client.send(.GET, "/function/big")
            let lines = try texts(await client.send(.GET, "/system/logs?name=big"))
            #expect(lines.first?.hasPrefix("GET / - 200 OK - ContentLength: \(size) (") == true, "\(lines)")
        }
    }

    @Test func `a provider names its type`() async throws {
        try await Client.with(.tcp, FakeGateway.Configuration(.provider, talker)) { client in
            let answer = try await client.send(.GET, "/system/logs?name=talker")
            #expect(answer.header("Content-Type") == "application/x-ndjson")
            #expect(answer.header("Transfer-Encoding") == "chunked")
        }
    }

    @Test func `who follows gets what is written meanwhile, until the write timeout`() async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, talker)
        configuration.time = .virtual()
        let gateway = try await FakeGateway.start(configuration)
        try await gateway.log("before\nand before", of: "talker")
        async let stream = Client.overTCP(gateway, .GET, "/system/logs?name=talker&tail=1&follow=true", [], "")
        try await eventually("the stream") { try await gateway.requests().contains { $0.status == 200 } }
        try await gateway.log("meanwhile", of: "talker", replica: 3)
        try await gateway.log("elsewhere", of: "other")
        try await gateway.advance(by: .seconds(60))
        try await gateway.log("too late", of: "talker")
        let answer = try await stream
        #expect(try texts(answer) == ["and before", "meanwhile"])
        #expect(answer.body.contains("\"instance\":\"talker-3\""))
        await gateway.shutdown()
    }
}
