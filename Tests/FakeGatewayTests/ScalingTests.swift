import TestSupport
import FakeGateway
import NIOHTTP1
import Testing

/// Replicas: to and from zero, with the time that it takes.
@Suite struct ScalingTests {
    private func withGateway(
        _ configure: (inout FakeGateway.Configuration) -> Void, _ body: (FakeGateway) async throws -> Void
    ) async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function())
        configuration.time = .virtual()
        configuration.coldStart = .seconds(3)
        configure(&configuration)
        let gateway = try await FakeGateway.start(configuration)
        do {
            try await gateway.advance(by: .seconds(3))
            try await body(gateway)
        } catch {
            await gateway.shutdown()
            throw error
        }
        await gateway.shutdown()
    }

    private func post(_ gateway: FakeGateway, _ target: String, _ body: String = "") async throws -> Answer {
        try await Client.overTCP(gateway, .POST, target, [], body)
    }

    /// Wanted and available replicas, as the gateway lists them; absent is zero.
    private func replicas(_ gateway: FakeGateway, _ name: String = "echo") async throws -> [Int] {
        let answer = try await Client.overTCP(gateway, .GET, "/system/function/\(name)", [], "")
        let status = try #require(try answer.json() as? [String: Any])
        return ["replicas", "availableReplicas"].map { status[$0] as? Int ?? 0 }
    }

    @Test func `replicas that are wanted are available after the cold start, fewer at once`() async throws {
        try await withGateway({ _ in }) { gateway in
            #expect(try await post(gateway, "/system/scale-function/echo", #"{"replicas":4}"#).status == 202)
            #expect(try await replicas(gateway) == [4, 1])
            try await gateway.advance(by: .seconds(2))
            #expect(try await replicas(gateway) == [4, 1])
            try await gateway.advance(by: .seconds(1))
            #expect(try await replicas(gateway) == [4, 4])
            #expect(try await post(gateway, "/system/scale-function/echo", #"{"replicas":2}"#).status == 202)
            #expect(try await replicas(gateway) == [2, 2])
        }
    }

    @Test func `a call of a function without replicas waits for one`() async throws {
        try await withGateway({ _ in }) { gateway in
            try await gateway.scale("echo", to: 0)
            let listed = try await Client.overTCP(gateway, .GET, "/system/functions", [], "").body
            #expect(!listed.contains("eplicas"))
            async let call = post(gateway, "/function/echo", "awake")
            try await eventually("the call") { try await gateway.calls(of: "echo").count == 1 }
            #expect(try await replicas(gateway) == [1, 0])
            try await gateway.advance(by: .milliseconds(2900))
            #expect(try await gateway.calls(of: "echo").first?.status == nil)
            try await gateway.advance(by: .milliseconds(100))
            #expect(try await call.body == "awake")
            #expect(try await gateway.calls(of: "echo").first?.duration == .seconds(3))
        }
    }

    @Test func `without scale from zero a call of such a function is the provider's 503`() async throws {
        try await withGateway({ $0.scaleFromZero = false }) { gateway in
            try await gateway.scale("echo", to: 0)
            let answer = try await post(gateway, "/function/echo")
            #expect(answer.status == 503)
            #expect(answer.body == "No endpoints available for: echo.\n")
            #expect(answer.header("X-OpenFaaS-Internal") == "proxy")
        }
    }

    @Test func `a start that takes longer than the gateway looks is passed on`() async throws {
        try await withGateway({ $0.coldStart = .seconds(1000) }) { gateway in
            async let call = post(gateway, "/function/echo")
            try await eventually("the call") { try await gateway.calls(of: "echo").count == 1 }
            try await gateway.advance(by: .seconds(100))
            #expect(try await call.status == 503)
        }
    }

    @Test func `Pro scales an idle function to zero where its label says so`() async throws {
        var lazy = BuiltIn.echo.function("lazy")
        lazy.labels = ["com.openfaas.scale.zero": "true", "com.openfaas.scale.zero-duration": "1m"]
        let function = lazy
        for (edition, left) in [(FakeGateway.Configuration.Edition.pro, [0, 0]), (.community, [1, 1])] {
            try await withGateway({
                $0.edition = edition
                $0.coldStart = .zero
                $0.functions = [function]
            }) { gateway in
                try await gateway.advance(by: .seconds(50))
                #expect(try await post(gateway, "/function/lazy").status == 200)
                try await gateway.advance(by: .seconds(50))
                #expect(try await replicas(gateway, "lazy") == [1, 1])
                try await gateway.advance(by: .seconds(10))
                #expect(try await replicas(gateway, "lazy") == left)
            }
        }
    }

    @Test func `labels bound what Pro scales to, and what alerts do`() async throws {
        var busy = BuiltIn.echo.function("busy")
        busy.labels = [
            "com.openfaas.scale.min": "2", "com.openfaas.scale.max": "8", "com.openfaas.scale.factor": "50",
        ]
        let function = busy
        try await withGateway({
            $0.edition = .pro
            $0.coldStart = .zero
            $0.functions = [function]
        }) { gateway in
            func alert(_ status: String, _ name: String = "busy") async throws -> Int {
                let body = #"{"alerts":[{"status":"\#(status)","labels":{"function_name":"\#(name)"}}]}"#
                return try await post(gateway, "/system/alert", body).status
            }
            let first = try await replicas(gateway, "busy")
            #expect(first == [2, 2])
            for wanted in [6, 8, 8] {
                #expect(try await alert("firing") == 200)
                #expect(try await replicas(gateway, "busy") == [wanted, wanted])
            }
            #expect(try await alert("resolved") == 200)
            #expect(try await replicas(gateway, "busy") == [2, 2])
            #expect(try await alert("firing", "nope") == 200)
            #expect(try await post(gateway, "/system/scale-function/busy", #"{"replicas":90}"#).status == 202)
            #expect(try await replicas(gateway, "busy") == [8, 8])
            #expect(try await post(gateway, "/system/scale-function/busy", #"{"replicas":0}"#).status == 202)
            #expect(try await replicas(gateway, "busy") == [0, 0])
        }
    }

    @Test func `more calls at once than a function takes are a 429 of its watchdog`() async throws {
        var narrow = BuiltIn.sleep.function("narrow")
        narrow.maxInFlight = 1
        let function = narrow
        try await withGateway({
            $0.coldStart = .zero
            $0.functions = [function]
        }) { gateway in
            async let first = post(gateway, "/function/narrow", "5s")
            try await eventually("the call") { try await gateway.calls(of: "narrow").count == 1 }
            let refused = try await post(gateway, "/function/narrow", "5s")
            #expect(refused.status == 429)
            #expect(refused.header("X-OpenFaaS-Internal") == "faas-middleware")
            #expect(refused.body == "Concurrent request limit exceeded. Max concurrent requests: 1\n")
            #expect(refused.header("Content-Type") == "text/plain")
            #expect(refused.header("X-Served-By") != nil)
            try await gateway.advance(by: .seconds(5))
            #expect(try await first.status == 200)
            async let second = post(gateway, "/function/narrow", "5s")
            try await eventually("the call") { try await gateway.calls(of: "narrow").count == 3 }
            try await gateway.advance(by: .seconds(5))
            #expect(try await second.status == 200)
        }
    }
}
