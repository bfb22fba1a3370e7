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
        // Found missing before it is counted.
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
            "# HELP gateway_functions_seconds Function time taken",
            "# HELP gateway_function_invocation_total Function metrics",
            "# HELP gateway_function_invocation_started The total number of function HTTP requests started.",
            "# HELP gateway_service_count Current count of replicas for function",
            #"promhttp_metric_handler_requests_total{code="200"} 0"#,
            #"gateway_function_invocation_started{function_name="sleep.openfaas-fn"} 1"#,
            #"gateway_functions_seconds_bucket{code="200",function_name="sleep.openfaas-fn",le="0.25"} 0"#,
            #"gateway_functions_seconds_bucket{code="200",function_name="sleep.openfaas-fn",le="0.5"} 1"#,
            #"gateway_functions_seconds_bucket{code="200",function_name="sleep.openfaas-fn",le="+Inf"} 1"#,
            #"gateway_functions_seconds_sum{code="200",function_name="sleep.openfaas-fn"} 0.3"#,
            #"gateway_functions_seconds_count{code="200",function_name="sleep.openfaas-fn"} 1"#,
            #"gateway_service_count{function_name="sleep.openfaas-fn"} 1"#,
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(!answer.body.contains("nope"))
        let families = answer.body.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
        #expect(families == families.sorted())
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

    @Test func `a function that has no endpoints is counted as it was called`() async throws {
        var configuration = FakeGateway.Configuration()
        configuration.unknownFunction = .noEndpoints
        let gateway = try await FakeGateway.start(configuration)
        for name in ["nope", "nope.openfaas-fn"] {
            let answer = try await Client.overTCP(gateway, .POST, "/function/\(name)", [], "")
            #expect(answer.body == "No endpoints available for: \(name).\n")
        }
        let text = try await scrape(gateway, "/metrics").body
        #expect(text.contains(#"invocation_total{code="503",function_name="nope.openfaas-fn"} 2"#))
        #expect(text.contains(#"invocation_started{function_name="nope.openfaas-fn"} 2"#))
        await gateway.shutdown()
    }

    @Test func `a provider counts the requests for its API, on both ports`() async throws {
        var configuration = FakeGateway.Configuration(.provider, BuiltIn.echo.function())
        configuration.basicAuth = .init(user: "admin", password: "s3cret")
        configuration.time = .virtual()
        let gateway = try await FakeGateway.start(configuration)
        try await gateway.setFaults([FaultRule(.delay(.milliseconds(300)), path: "/system/info")])
        let right = [("Authorization", "Basic YWRtaW46czNjcmV0")]
        _ = try await Client.overTCP(gateway, .GET, "/system/functions?namespace=openfaas-fn", right, "")
        _ = try await Client.overTCP(gateway, .GET, "/system/functions", [], "")
        _ = try await Client.overTCP(gateway, .GET, "/system/function/nope", right, "")
        let scale = #"{"serviceName":"echo","replicas":2}"#
        _ = try await Client.overTCP(gateway, .POST, "/system/scale-function/echo", right, scale)
        _ = try await Client.overTCP(gateway, .PATCH, "/system/functions", right, "")
        _ = try await Client.overTCP(gateway, .POST, "/function/echo", [], "x")
        async let info = Client.overTCP(gateway, .GET, "/system/info", right, "")
        try await eventually("the request") { try await gateway.requests().count == 7 }
        try await gateway.advance(by: .milliseconds(300))
        #expect(try await info.status == 200)
        let name = "provider_http_request"
        let own = try await Client.overTCP(gateway, .GET, "/metrics", [], "")
        #expect(own.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        for text in [own.body, try await scrape(gateway, "/metrics").body] {
            let lines = text.split(separator: "\n").map(String.init)
            for line in [
                "# HELP \(name)s_total Total number of HTTP requests.", "# TYPE \(name)s_total counter",
                #"\(name)s_total{code="200",method="GET",path="/system/functions"} 1"#,
                #"\(name)s_total{code="401",method="GET",path="/system/functions"} 1"#,
                #"\(name)s_total{code="404",method="GET",path="/system/function"} 1"#,
                #"\(name)s_total{code="202",method="POST",path="/system/scale-function"} 1"#,
                "# HELP \(name)_duration_seconds Seconds spent serving HTTP requests.",
                "# TYPE \(name)_duration_seconds histogram",
                #"\(name)_duration_seconds_bucket{code="200",method="GET",path="/system/info",le="0.25"} 0"#,
                #"\(name)_duration_seconds_bucket{code="200",method="GET",path="/system/info",le="0.5"} 1"#,
                #"\(name)_duration_seconds_sum{code="200",method="GET",path="/system/info"} 0.3"#,
                #"\(name)_duration_seconds_count{code="200",method="GET",path="/system/info"} 1"#,
            ] { #expect(lines.contains(line.replacing(#"\(name)"#, with: name)), "\(line)") }
            #expect(!text.contains("gateway_") && !text.contains("/function/echo") && !text.contains("PATCH"))
        }
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
