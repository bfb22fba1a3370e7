import FakeGateway
import NIOHTTP1
import TestSupport
import Testing

/// A gateway whose provider is gone, or answers errors.
@Suite struct ProviderFailureTests {
    private static let text = "text/plain; charset=utf-8"

    private func answers(
        _ failure: Fault.Provider, scaleFromZero: Bool = true, _ rows: [(HTTPMethod, String, Int, String)]
    ) async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function())
        configuration.scaleFromZero = scaleFromZero
        configuration.faults = [FaultRule(.provider(failure))]
        try await Client.with(.tcp, configuration) { client in
            for (method, target, status, body) in rows {
                let answer = try await client.send(method, target, body: "{}")
                #expect(answer.status == status, "\(method) \(target)")
                #expect(answer.body == body, "\(method) \(target)")
                let isText = !body.isEmpty && target != "/system/info" && !body.hasPrefix("[") && body != "null"
                if isText { #expect(answer.header("Content-Type") == Self.text, "\(method) \(target)") }
            }
        }
    }

    private let info =
        #"{"provider":null,"version":{"sha":"\#(String(repeating: "0", count: 40))","release":"0.27.10"},"#
        + #""arch":"x86_64"}"#

    @Test func `a provider that is down`() async throws {
        try await answers(
            .down,
            [
                (.GET, "/system/functions", 502, "\n"), (.POST, "/system/functions", 502, ""),
                (.GET, "/system/function/echo", 502, ""), (.POST, "/system/scale-function/echo", 502, ""),
                (.GET, "/system/secrets", 502, ""), (.GET, "/system/namespaces", 502, ""),
                (.GET, "/system/namespace/a", 502, ""), (.GET, "/system/telemetry", 502, ""),
                (.GET, "/healthz", 502, ""), (.GET, "/system/info", 200, info),
                (.GET, "/system/logs?name=echo", 500, "log request failed\n"), (.POST, "/system/alert", 200, ""),
                (
                    .POST, "/function/echo", 404,
                    "error finding function echo.openfaas-fn: Get \"http://127.0.0.1:8081/system/function/echo"
                        + "?namespace=openfaas-fn&usage=false\": dial tcp 127.0.0.1:8081: connect: connection refused"
                ),
                (.POST, "/async-function/echo", 202, ""), (.PATCH, "/system/functions", 405, ""),
                (.GET, "/nowhere", 404, "404 page not found\n"),
            ])
        try await answers(.down, scaleFromZero: false, [(.POST, "/function/echo", 502, "")])
    }

    @Test(arguments: [404, 500, 501])
    func `a provider that answers an error`(status: Int) async throws {
        let failure = Fault.Provider.status(status, text: "no")
        let logs = status == 500 ? (500, "unknown log request error (500)\n") : (501, "")
        try await answers(
            failure,
            [
                (.GET, "/system/functions", status, "no\n"), (.PUT, "/system/functions", status, "no"),
                (.GET, "/system/namespaces", status, "no"), (.GET, "/healthz", status, "no"),
                (.GET, "/system/info", 200, info), (.GET, "/system/logs?name=echo", logs.0, logs.1),
                (
                    .POST, "/function/echo", 404,
                    "error finding function echo.openfaas-fn: server returned non-200 status code (\(status)) "
                        + "for function, echo, body: no"
                ),
            ])
        try await answers(failure, scaleFromZero: false, [(.POST, "/function/echo", status, "no")])
    }

    @Test(arguments: [
        ("null", 200, "null"), ("[]", 200, "[]"), ("{}", 500, "Unable to parse list of functions from provider\n"),
        ("404 page not found\n", 500, "Unable to parse list of functions from provider\n"),
    ])
    func `a provider's listing is read by the gateway`(text: String, status: Int, body: String) async throws {
        try await answers(.status(200, text: text), [(.GET, "/system/functions", status, body)])
    }

    @Test func `credentials come first, and a provider fails for itself`() async throws {
        var configuration = FakeGateway.Configuration()
        configuration.basicAuth = .init(user: "admin", password: "s3cret")
        configuration.faults = [FaultRule(.provider(.down))]
        try await Client.with(.tcp, configuration) { client in
            let answer = try await client.send(.GET, "/system/functions")
            #expect(answer.status == 401)
        }
        configuration.dialect = .provider
        let gateway = try await FakeGateway.start(configuration)
        let client = try await RawClient.connect(to: gateway.port)
        try await client.send("GET /system/functions HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await client.readToEnd().isEmpty)
        try await gateway.setFaults([FaultRule(.provider(.status(500, text: "no")))])
        #expect(try await Client.overTCP(gateway, .GET, "/system/functions", [], "").body == "no")
        await gateway.shutdown()
    }
}
