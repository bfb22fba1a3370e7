import TestSupport
import FakeGateway
import HTTP
import NIOHTTP1
import NIOPosix
import Testing

/// `/metrics` on its own port: names, types, labels.
@Suite struct MetricsTests {
    private func scrape(_ gateway: FakeGateway, _ path: String, _ method: HTTPMethod = .GET) async throws -> Answer {
        let base = try #require(gateway.metricsURL).replacing("/metrics", with: "")
        return try await Client.overTCP(base, method, path, [], "")
    }

    @Test func `calls are counted by function and status, with how long they took`() async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.sleep.function(), BuiltIn.status.function())
        configuration.time = .virtual()
        let gateway = try await FakeGateway.start(configuration)
        async let slow = Client.overTCP(gateway, .POST, "/function/sleep?duration=300ms", [], "")
        try await eventually("the call") { try await gateway.calls(of: "sleep").count == 1 }
        try await gateway.advance(by: .milliseconds(300))
        #expect(try await slow.status == 200)
        _ = try await Client.overTCP(gateway, .POST, "/function/status.openfaas-fn/503", [], "")
        _ = try await Client.overTCP(gateway, .POST, "/function/nope", [], "")
        let answer = try await scrape(gateway, "/metrics")
        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        let lines = Set(answer.body.split(separator: "\n").map(String.init))
        for line in [
            "# TYPE gateway_functions_seconds histogram", "# TYPE gateway_function_invocation_total counter",
            "# TYPE gateway_function_invocation_started counter", "# TYPE gateway_service_count gauge",
            #"gateway_function_invocation_total{code="200",function_name="sleep.openfaas-fn"} 1"#,
            #"gateway_function_invocation_total{code="503",function_name="status.openfaas-fn"} 1"#,
            #"gateway_function_invocation_total{code="404",function_name="nope.openfaas-fn"} 1"#,
            #"gateway_function_invocation_started{function_name="sleep.openfaas-fn"} 1"#,
            #"gateway_functions_seconds_bucket{code="200",function_name="sleep.openfaas-fn",le="0.25"} 0"#,
            #"gateway_functions_seconds_bucket{code="200",function_name="sleep.openfaas-fn",le="0.5"} 1"#,
            #"gateway_functions_seconds_bucket{code="200",function_name="sleep.openfaas-fn",le="+Inf"} 1"#,
            #"gateway_functions_seconds_sum{code="200",function_name="sleep.openfaas-fn"} 0.3"#,
            #"gateway_functions_seconds_count{code="200",function_name="sleep.openfaas-fn"} 1"#,
            #"gateway_service_count{function_name="sleep.openfaas-fn"} 1"#,
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(try await scrape(gateway, "/healthz").body == "OK")
        #expect(try await scrape(gateway, "/healthz", .POST).status == 405)
        #expect(try await scrape(gateway, "/system/functions").status == 404)
        await gateway.shutdown()
    }

    @Test func `the count of replicas is looked at every five seconds`() async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function())
        configuration.time = .virtual()
        let gateway = try await FakeGateway.start(configuration)
        try await gateway.scale("echo", to: 3)
        #expect(try await scrape(gateway, "/metrics").body.contains(#"count{function_name="echo.openfaas-fn"} 1"#))
        try await gateway.advance(by: .seconds(5))
        #expect(try await scrape(gateway, "/metrics").body.contains(#"count{function_name="echo.openfaas-fn"} 3"#))
        await gateway.shutdown()
    }

    @Test func `without a port there are none`() async throws {
        var configuration = FakeGateway.Configuration()
        configuration.metricsPort = nil
        let gateway = try await FakeGateway.start(configuration)
        #expect(gateway.metricsURL == nil)
        await gateway.shutdown()
    }
}
