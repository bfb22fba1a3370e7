import FakeGateway
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The rows of the contract (docs/openfaas.md) with status, headers and bytes, over TCP, in each dialect.
@Suite struct ContractTests {
    typealias Dialect = FakeGateway.Configuration.Dialect

    private static let text = "text/plain; charset=utf-8"
    private static let json = "application/json"
    private static let deployed = #"""
        {"service":"full","image":"functions/full:1","namespace":"openfaas-fn","envProcess":"cat",
        "envVars":{"b":"2","a":"1"},"constraints":["node.x == y"],"secrets":["key"],"labels":{"l":"<1>"},
        "annotations":{"topic":"orders"},"limits":{"nvidia.com/gpu":"1","memory":"128Mi","cpu":"100m"},"requests":{},
        "readOnlyRootFilesystem":true,"network":"old","registryAuth":"old"}
        """#
    private static let described =
        #"{"name":"full","image":"functions/full:1","namespace":"openfaas-fn","envProcess":"cat","#
        + #""envVars":{"a":"1","b":"2"},"constraints":["node.x == y"],"secrets":["key"],"#
        + #""labels":{"l":"\u003c1\u003e"},"#
        + #""annotations":{"topic":"orders"},"#
        + #""limits":{"memory":"128Mi","cpu":"100m","nvidia.com/gpu":"1"},"requests":{},"#
        + #""readOnlyRootFilesystem":true,"replicas":1,"availableReplicas":1,"createdAt":"2025-11-24T16:00:00Z"}"#

    /// One request of a table, and all of its answer that the contract tells.
    private struct Row {
        let method: HTTPMethod
        let target: String
        let body: String
        let status: Int
        let reply: String
        let type: String?

        init(
            _ method: HTTPMethod, _ target: String, _ status: Int, _ reply: String = "", _ type: String? = nil
        ) {
            self.init(method, target, "", status, reply, type)
        }

        init(
            _ method: HTTPMethod, _ target: String, _ body: String, _ status: Int, _ reply: String = "",
            _ type: String? = nil
        ) {
            (self.method, self.target, self.body) = (method, target, body)
            (self.status, self.reply, self.type) = (status, reply, type)
        }
    }

    private func configuration(_ dialect: Dialect) -> FakeGateway.Configuration {
        var configuration = FakeGateway.Configuration(dialect, BuiltIn.echo.function())
        configuration.time = .virtual(startUnixNanoseconds: 1_764_000_000_000_000_000)
        return configuration
    }

    private func run(_ configuration: FakeGateway.Configuration, _ rows: [Row]) async throws {
        try await Client.with(.tcp, configuration) { client in
            for row in rows {
                let answer = try await client.send(row.method, row.target, body: row.body)
                let what = "\(configuration.dialect) \(row.method) \(row.target) \(row.body)"
                #expect(answer.status == row.status, "\(what)")
                #expect(answer.body == row.reply, "\(what)")
                #expect(answer.header("Content-Type") == row.type, "\(what)")
                #expect(answer.header("Content-Length") == "\(row.reply.utf8.count)", "\(what)")
            }
        }
    }

    @Test(arguments: Dialect.allCases)
    func `functions: deploy, update, list, describe, delete`(dialect: Dialect) async throws {
        let isFaasd = dialect == .faasd
        let accepted = isFaasd ? 200 : 202
        let unknown = isFaasd ? "namespace not valid\n" : "namespace must be: openfaas-fn\n"
        let echo =
            #"{"name":"echo","image":"functions/echo:latest","namespace":"openfaas-fn","replicas":1,"#
            + #""availableReplicas":1,"createdAt":"2025-11-24T16:00:00Z"}"#
        let missing = #"deployments.apps "full" not found"#
        let functions = "/system/functions"
        try await run(
            configuration(dialect),
            [
                Row(.GET, functions, 200, "[\(echo)]", Self.json),
                Row(
                    .PUT, functions, Self.deployed, 404,
                    isFaasd
                        ? "function: full.openfaas-fn not found\n"
                        : "unable update Deployment: full.openfaas-fn, error: \(missing)\n", Self.text),
                Row(.POST, functions, Self.deployed, accepted),
                Row(.PUT, functions, Self.deployed, accepted),
                Row(.GET, "\(functions)?namespace=openfaas-fn", 200, "[\(echo),\(Self.described)]", Self.json),
                Row(.GET, "/system/function/full?namespace=openfaas-fn&usage=false", 200, Self.described, Self.json),
                Row(.GET, "/system/function/nope", 404),
                Row(.GET, "/system/function/full?namespace=nope", 400, unknown, Self.text),
                Row(.GET, "\(functions)?namespace=nope", 400, unknown, Self.text),
                Row(
                    .POST, functions, #"{"image":"i"}"#, 400, "failed to unmarshal request: service is required\n",
                    Self.text),
                Row(
                    .POST, functions, #"{"service":"a","image":""}"#, 400, "validation failed: image: is required\n",
                    Self.text),
                Row(
                    .PUT, functions, #"{"service":"a b","image":"i"}"#, 400,
                    "validation failed: service: (a b) is invalid, must be a valid DNS entry\n", Self.text),
                Row(.POST, functions, #"{"service":"a","image":"i","namespace":"nope"}"#, 400, unknown, Self.text),
                Row(.DELETE, functions, #"{"functionName":"full","namespace":"nope"}"#, 400, unknown, Self.text),
                Row(.DELETE, functions, #"{"functionName":"full"}"#, accepted),
                Row(
                    .DELETE, functions, #"{"functionName":"full"}"#, 404,
                    isFaasd ? "function full.openfaas-fn not found\n" : missing, Self.text),
                Row(.PATCH, functions, 405), Row(.POST, "/system/function/echo", 405),
            ])
    }

    @Test(arguments: Dialect.allCases)
    func `scaling, secrets and what is small`(dialect: Dialect) async throws {
        let isFaasd = dialect == .faasd
        let isProvider = dialect == .provider
        let accepted = isFaasd ? 200 : 202
        let page = "404 page not found\n"
        let scale = "/system/scale-function/echo"
        let secrets = "/system/secrets"
        let sha = String(repeating: "0", count: 40)
        let version = #"{"sha":"\#(sha)","release":"0.27.10"}"#
        let provider =
            #"{"provider":"\#(isFaasd ? "faasd-ce" : "faas-netes")","version":\#(version),"#
            + #""orchestration":"\#(isFaasd ? "containerd" : "kubernetes")"}"#
        let path = "/var/lib/faasd-provider/secrets/openfaas-fn/key"
        try await run(
            configuration(dialect),
            [
                Row(
                    .GET, "/system/info", 200,
                    isProvider ? provider : #"{"provider":\#(provider),"version":\#(version),"arch":"x86_64"}"#,
                    Self.json),
                Row(.POST, scale, #"{"serviceName":"echo","replicas":3}"#, accepted),
                Row(
                    .POST, scale, "no", 400,
                    isProvider
                        ? "Cannot parse request. Please pass valid JSON." : "Error unmarshalling request body\n",
                    Self.text),
                Row(
                    .POST, "/system/scale-function/nope", #"{"serviceName":"nope","replicas":1}"#, isFaasd ? 404 : 500,
                    isFaasd
                        ? "function: nope.openfaas-fn not found\n" : "Unable to lookup function deployment nope",
                    Self.text),
                Row(.POST, secrets, #"{"name":"key","value":"v"}"#, accepted),
                Row(.POST, secrets, #"{"name":"key","value":"v"}"#, isFaasd ? 200 : 409),
                Row(
                    .POST, secrets, #"{"name":"../up","value":"v"}"#, isFaasd ? 400 : 422,
                    isFaasd ? "directory traversal found in name\n" : "", isFaasd ? Self.text : nil),
                Row(
                    .GET, secrets, 200, #"[{"name":"key","namespace":"openfaas-fn"}]"#,
                    isFaasd ? Self.text : Self.json),
                Row(.DELETE, secrets, #"{"name":"key"}"#, accepted),
                Row(
                    .DELETE, secrets, #"{"name":"key"}"#, isFaasd ? 500 : 404,
                    isFaasd ? "remove \(path): no such file or directory\n" : "", isFaasd ? Self.text : nil),
                Row(.GET, "/system/namespaces", 200, #"["openfaas-fn"]"#, Self.json),
                Row(.GET, "/system/telemetry", 404, page, Self.text),
                Row(.GET, "/healthz", 200), Row(.POST, "/healthz", 405),
                Row(.GET, "/nowhere", 404, page, Self.text),
                isProvider
                    ? Row(.GET, "/", 404, page, Self.text)
                    : Row(
                        .GET, "/", 307, "<a href=\"/ui/\">Temporary Redirect</a>.\n\n", "text/html; charset=utf-8"),
                isProvider ? Row(.POST, "/ui/", 404, page, Self.text) : Row(.POST, "/ui/", 405),
                isProvider
                    ? Row(.POST, "/system/alert", "{", 404, page, Self.text)
                    : Row(.POST, "/system/alert", "{", 400, "Unable to parse alert, bad format.", Self.text),
            ])
        if isProvider {
            try await run(
                configuration(dialect),
                [
                    Row(
                        .POST, scale, #"{"replicas":0}"#, 400, "replicas cannot be set to 0 in OpenFaaS CE\n",
                        Self.text)
                ])
        }
    }

    @Test func `an alert that would set no replicas is refused by the provider`() async throws {
        var function = BuiltIn.echo.function("idle")
        function.labels = ["com.openfaas.scale.min": "0"]
        var configuration = FakeGateway.Configuration(.faasNetes, function, BuiltIn.echo.function())
        configuration.functions[1].labels = ["com.openfaas.scale.max": "80", "com.openfaas.scale.factor": "100"]
        let body =
            #"{"alerts":[{"status":"resolved","labels":{"function_name":"nope"}},"#
            + #"{"status":"resolved","labels":{"function_name":"idle"}},"#
            + #"{"status":"firing","labels":{"function_name":"echo"}}]}"#
        try await Client.with(.tcp, configuration) { client in
            let answer = try await client.send(.POST, "/system/alert", body: body)
            #expect(answer.status == 500)
            let url = "http://127.0.0.1:8081/system/scale-function/idle?namespace=openfaas-fn"
            #expect(answer.body == "[0] error scaling HTTP code 400, \(url)\n")
            // The community has five replicas at most.
            let status = try await client.send(.GET, "/system/function/echo").json() as? [String: Any]
            #expect(status?["replicas"] as? Int == 5)
        }
    }

    // MARK: Calls

    /// The names of all headers that are not there for every reply.
    private func headers(_ answer: Answer) -> [String] {
        answer.headers.map(\.0).filter { !["Date", "Content-Length"].contains($0) }.sorted()
    }

    @Test(arguments: Dialect.allCases)
    func `calls: each condition with its headers`(dialect: Dialect) async throws {
        struct Broken: Error {}
        let marks = dialect == .provider ? [] : ["X-Call-Id", "X-Served-By", "X-Start-Time"]
        let platform = (["Content-Type", "X-Content-Type-Options", "X-Openfaas-Internal"] + marks).sorted()
        var configuration = FakeGateway.Configuration(
            dialect, BuiltIn.status.function(), BuiltIn.redirector.function(),
            Function("broken", asynchronously: { _ in throw Broken() }))
        configuration.unknownFunction = .noEndpoints
        try await Client.with(.tcp, configuration) { client in
            for method in [HTTPMethod.POST, .PUT, .PATCH, .DELETE, .GET, .OPTIONS] {
                let answer = try await client.send(method, "/function/status/503")
                #expect(answer.status == 503)
                #expect(answer.body == "503\n")
                #expect(headers(answer) == ["Content-Type"] + marks)
                #expect(answer.header("Content-Type") == "text/plain")
            }
            let redirect = try await client.send(.POST, "/function/redirector", body: "http://elsewhere/")
            #expect(redirect.status == 302)
            #expect(redirect.header("Location") == "http://elsewhere/")
            for (name, status, text) in [
                ("nope", 503, "No endpoints available for: nope.\n"),
                ("nope.openfaas-fn", 503, "No endpoints available for: nope.openfaas-fn.\n"),
                ("broken/a?b", 500, "Can't reach service for: broken.\n"),
            ] {
                let answer = try await client.send(.POST, "/function/\(name)")
                #expect(answer.status == status)
                #expect(answer.body == text)
                #expect(headers(answer) == platform)
                #expect(answer.header("X-Openfaas-Internal") == "proxy")
                #expect(answer.header("Content-Type") == Self.text)
            }
            let refused = try await client.send(.TRACE, "/function/status")
            #expect(refused.status == 405)
            #expect(refused.body.isEmpty)
            #expect(headers(refused) == marks)
        }
    }

    @Test func `a function that is not found has none of the gateway's headers`() async throws {
        try await Client.with(.tcp, FakeGateway.Configuration()) { client in
            for (name, reason) in [
                ("nope", "server returned non-200 status code (404) for function, nope, body: "),
                (
                    "a.b.c",
                    "server returned non-200 status code (400) for function, a.b, "
                        + "body: namespace must be: openfaas-fn\n"
                ),
            ] {
                let answer = try await client.send(.POST, "/function/\(name)")
                #expect(answer.status == 404)
                let key = name.contains(".") ? name : "\(name).openfaas-fn"
                #expect(answer.body == "error finding function \(key): \(reason)")
                #expect(headers(answer) == ["Content-Type"])
            }
        }
    }

    @Test func `the upstream timeout is an empty 502 with the gateway's headers`() async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.sleep.function())
        configuration.time = .virtual()
        configuration.upstreamTimeout = .seconds(2)
        let gateway = try await FakeGateway.start(configuration)
        async let call = Client.overTCP(gateway, .POST, "/function/sleep", [], "9s")
        try await eventually("the call") { try await gateway.calls(of: "sleep").count == 1 }
        try await gateway.advance(by: .seconds(2))
        let answer = try await call
        #expect(answer.status == 502)
        #expect(answer.body.isEmpty)
        #expect(headers(answer) == ["X-Call-Id", "X-Served-By", "X-Start-Time"])
        await gateway.shutdown()
    }

    @Test func `the queue: what it takes, what it refuses, and in whose name it calls`() async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function())
        configuration.queue?.bodyBytes = 4
        let gateway = try await FakeGateway.start(configuration)
        func post(_ body: String, _ headers: [(String, String)] = []) async throws -> Answer {
            try await Client.overTCP(gateway, .POST, "/async-function/echo", headers, body)
        }
        let marks = ["X-Call-Id", "X-Served-By", "X-Start-Time"]
        let taken = try await post("four", [("User-Agent", "me"), ("X-Forwarded-For", "1.2.3.4")])
        #expect(taken.status == 202)
        #expect(taken.body.isEmpty)
        #expect(headers(taken) == marks)
        let wrong = try await post("", [("X-Callback-Url", ":no"), ("X-Call-Id", "7")])
        #expect(wrong.status == 400)
        #expect(wrong.body == "parse \":no\": missing protocol scheme\n")
        #expect(headers(wrong) == ["Content-Type", "X-Content-Type-Options", "X-Served-By", "X-Start-Time"])
        let long = try await post("five!")
        #expect(long.status == 500)
        #expect(long.body == "Error queuing request: the body is longer than 4 bytes\n")
        #expect(
            headers(long) == ["Content-Type", "X-Call-Id", "X-Content-Type-Options", "X-Served-By", "X-Start-Time"])
        try await eventually("the run") { try await gateway.queueDepth() == 0 }
        let call = try #require(try await gateway.calls(of: "echo").first)
        #expect(call.target == "/function/echo/")
        #expect(call.header("User-Agent") == "openfaas-ce/nats-queue-worker")
        #expect(call.header("X-Forwarded-For") == "1.2.3.4")
        await gateway.shutdown()
    }

    @Test(arguments: [Dialect.faasNetes, .provider])
    func `the shape in which a gateway asks its provider`(dialect: Dialect) async throws {
        let gateway = try await FakeGateway.start(FakeGateway.Configuration(dialect, BuiltIn.echo.function()))
        let client = try await RawClient.connect(to: gateway.port)
        try await client.send(
            "POST /function/echo HTTP/1.1\r\nHost: a\r\nUser-Agent: Go-http-client/1.1\r\n"
                + "Transfer-Encoding: chunked\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
                + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        let text = try await client.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("Connection: close\r\n"))
        #expect(text.hasSuffix("\r\n\r\nabcde"))
        await gateway.shutdown()
    }
}
