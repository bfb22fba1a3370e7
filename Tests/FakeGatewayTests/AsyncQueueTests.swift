import TestSupport
import FakeGateway
import Foundation
import NIOHTTP1
import Testing

/// `/async-function/`: the queue, its worker, callbacks, and what is tried again.
@Suite struct AsyncQueueTests {
    private func withGateway(
        _ configuration: FakeGateway.Configuration, _ body: (FakeGateway) async throws -> Void
    ) async throws {
        let gateway = try await FakeGateway.start(configuration)
        do { try await body(gateway) } catch {
            await gateway.shutdown()
            throw error
        }
        await gateway.shutdown()
    }

    private func post(
        _ gateway: FakeGateway, _ target: String, _ body: String = "", _ headers: [(String, String)] = []
    ) async throws -> Answer {
        try await Client.overTCP(gateway, .POST, target, headers, body)
    }

    @Test func `a call is taken with 202 and run once, with its path, query, headers and body`() async throws {
        try await withGateway(FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function())) { gateway in
            let answer = try await post(gateway, "/async-function/echo/deep?q=1", "hello", [("X-Topic", "orders")])
            #expect(answer.status == 202)
            #expect(answer.body.isEmpty)
            let id = try #require(answer.header("X-Call-Id"))
            #expect(answer.header("X-Start-Time") != nil)
            #expect(answer.header("X-Served-By") == "openfaas-ce/0.27.10")
            try await eventually("the run") { try await gateway.queueDepth() == 0 }
            let call = try #require(try await gateway.calls(of: "echo").first)
            #expect(call.description.hasSuffix("POST /function/echo/deep?q=1 (5 bytes) -> 200"))
            #expect(call.isFromQueue)
            #expect(call.text == "hello")
            #expect(call.header("X-Topic") == "orders")
            #expect(call.header("X-Call-Id") == id)
            #expect(call.header("X-Forwarded-For")?.hasPrefix("127.0.0.1:") == true)
            #expect(try await gateway.callsByFunction().map(\.calls) == [1])
        }
    }

    @Test func `the result goes to the callback with the call's headers`() async throws {
        let made = Function("made") { _ in
            FunctionReply("result", status: 201, headers: [("X-Own", "yes"), ("Content-Type", "text/x-test")])
        }
        var receiver = FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function("receiver"))
        receiver.metricsPort = nil
        try await withGateway(receiver) { receiver in
            try await withGateway(FakeGateway.Configuration(.faasNetes, made)) { gateway in
                let url = "\(receiver.url)/function/receiver?from=made"
                _ = try await post(gateway, "/async-function/made", "", [("X-Callback-Url", url), ("X-Call-Id", "7")])
                _ = try await post(gateway, "/async-function/nope", "", [("X-Callback-Url", url)])
                try await eventually("the callbacks") { try await receiver.calls(of: "receiver").count == 2 }
                let calls = try await receiver.calls(of: "receiver").sorted { $0.text < $1.text }
                let (unknown, result) = (calls[0], calls[1])
                #expect(result.target == "/function/receiver?from=made")
                #expect(result.text == "result")
                #expect(result.header("X-Own") == "yes")
                #expect(result.header("Content-Type") == "text/x-test")
                #expect(result.header("X-Function-Status") == "201")
                #expect(result.header("X-Function-Name") == "made")
                #expect(result.header("X-Call-Id") == "7")
                #expect(result.header("X-Duration-Seconds")?.wholeMatch(of: /\d+\.\d{6}/) != nil)
                #expect(unknown.header("X-Function-Status") == "404")
                try await eventually("their answers") { try await gateway.callbacks().allSatisfy { $0.status == 200 } }
            }
        }
    }

    @Test func `no reply is a callback of 503, and one that cannot be reached is known as such`() async throws {
        try await withGateway(FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function())) { gateway in
            try await gateway.setFaults([FaultRule(.dropAfterRun, function: "echo")])
            for url in ["http://127.0.0.1:1/", "nowhere"] {
                let answer = try await post(gateway, "/async-function/echo", "x", [("X-Callback-Url", url)])
                #expect(answer.status == 202)
            }
            try await eventually("the callbacks") { try await gateway.callbacks().count { $0.isDone } == 2 }
            for callback in try await gateway.callbacks() {
                #expect(callback.header("X-Function-Status") == "503")
                #expect(callback.text.isEmpty)
                #expect(callback.status == nil)
            }
        }
    }

    @Test(arguments: [
        (":no-scheme", 400), ("http://host:port/", 400), ("http://a/%zz", 400), ("http://a b/", 400), ("", 202),
        ("relative/path", 202), ("http://[::1]:1/", 202),
    ])
    func `a callback that is no URL is a 400`(url: String, status: Int) async throws {
        try await Client.with(.inMemory, FakeGateway.Configuration(.faasNetes)) { client in
            let headers = [("X-Callback-Url", url)]
            let answer = try await client.send(.POST, "/async-function/a", headers: headers)
            #expect(answer.status == status)
        }
    }

    @Test(arguments: Driver.allCases)
    func `without a queue there is no route, and a queue has its bounds`(driver: Driver) async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.sleep.function())
        configuration.queue = nil
        try await Client.with(driver, configuration) { client in
            let answer = try await client.send(.POST, "/async-function/sleep")
            #expect(answer.status == 404)
            #expect(answer.body == "404 page not found\n")
        }
        var queue = FakeGateway.Configuration.Queue()
        queue.capacity = 2
        queue.bodyBytes = 4
        configuration.queue = queue
        try await Client.with(driver, configuration) { client in
            #expect(try await client.send(.POST, "/async-function/sleep", body: "12345").status == 500)
            #expect(try await client.send(.POST, "/async-function/sleep", body: "9h").status == 202)
            #expect(try await client.send(.POST, "/async-function/sleep", body: "9h").status == 202)
            let refused = try await client.send(.POST, "/async-function/sleep", body: "9h")
            #expect(refused.status == 500)
            #expect(refused.body.hasPrefix("Error queuing request: "))
        }
    }

    @Test func `the worker runs as many at once as it may, in the gateway's time`() async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.sleep.function())
        configuration.time = .virtual()
        configuration.queue = .init(workers: 2)
        try await withGateway(configuration) { gateway in
            try await gateway.pauseQueue()
            for _ in 0..<5 { _ = try await post(gateway, "/async-function/sleep", "10s") }
            #expect(try await gateway.calls(of: "sleep").isEmpty)
            try await gateway.pauseQueue(false)
            for (calls, left) in [(2, 5), (4, 3), (5, 1)] {
                #expect(try await gateway.calls(of: "sleep").count == calls)
                #expect(try await gateway.queueDepth() == left)
                try await gateway.advance(by: .seconds(10))
            }
            #expect(try await gateway.queueDepth() == 0)
        }
    }

    // MARK: Retries

    private func tries(
        _ edition: FakeGateway.Configuration.Edition, _ annotations: [String: String], _ reply: FunctionReply
    ) async throws -> [Int] {
        var configuration = FakeGateway.Configuration(
            .faasNetes, Function("fails", annotations: annotations) { _ in reply })
        configuration.time = .virtual()
        configuration.edition = edition
        configuration.queue?.retry.jitter = .exponential
        var seconds: [Int] = []
        try await withGateway(configuration) { gateway in
            _ = try await post(gateway, "/async-function/fails")
            while try await gateway.queueDepth() > 0 { try await gateway.advance(by: .seconds(1)) }
            let calls = try await gateway.calls(of: "fails")
            let first = try #require(calls.first).arrivedNanoseconds
            seconds = calls.map { Int(($0.arrivedNanoseconds - first) / 1_000_000_000) }
        }
        return seconds
    }

    @Test func `the community's worker never tries again`() async throws {
        #expect(try await tries(.community, [:], FunctionReply(status: 500, body: [])) == [0])
    }

    @Test func `Pro tries again after times that double, up to the most`() async throws {
        let failed = FunctionReply(status: 500, body: [])
        #expect(try await tries(.pro, [:], failed) == [0, 10, 30, 70, 150, 270, 390, 510, 630, 750])
        let annotations = [
            "com.openfaas.retry.attempts": "4", "com.openfaas.retry.codes": "418, 500",
            "com.openfaas.retry.min_wait": "2s", "com.openfaas.retry.max_wait": "3s",
        ]
        #expect(try await tries(.pro, annotations, failed) == [0, 2, 5, 8])
        #expect(try await tries(.pro, annotations, FunctionReply(status: 502, body: [])) == [0])
        let platform = FunctionReply(status: 502, headers: [("X-OpenFaaS-Internal", "proxy")], body: [])
        #expect(try await tries(.pro, annotations, platform) == [0, 2, 5, 8])
    }

    @Test func `a function's Retry-After counts, down to the least`() async throws {
        func reply(_ seconds: Int) -> FunctionReply {
            FunctionReply(status: 429, headers: [("Retry-After", "\(seconds)")], body: [])
        }
        let annotations = ["com.openfaas.retry.attempts": "3"]
        #expect(try await tries(.pro, annotations, reply(50)) == [0, 50, 100])
        #expect(try await tries(.pro, annotations, reply(1)) == [0, 10, 20])
    }
}
