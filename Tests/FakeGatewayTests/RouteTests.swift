import FakeGateway
import Foundation
import NIOHTTP1
import Testing

/// The contract of the gateway's routes: status, headers and bytes.
@Suite struct RouteTests {
    private func configuration(_ functions: Function...) -> FakeGateway.Configuration {
        var configuration = FakeGateway.Configuration()
        configuration.functions = functions
        return configuration
    }

    // MARK: Listing

    @Test(arguments: Driver.allCases)
    func `a list without functions is an empty array`(driver: Driver) async throws {
        try await Client.with(driver, configuration()) { client in
            let answer = try await client.send(.GET, "/system/functions")
            #expect(answer.status == 200)
            #expect(answer.body == "[]")
            #expect(answer.header("Content-Type") == "application/json")
        }
    }

    @Test(arguments: Driver.allCases)
    func `a function is listed with what it has, and zeros are left out`(driver: Driver) async throws {
        try await Client.with(driver, configuration(BuiltIn.figlet.function(topic: "faas-request"))) { client in
            let list = try #require(try await client.send(.GET, "/system/functions").json() as? [[String: Any]])
            let function = try #require(list.first)
            #expect(list.count == 1)
            #expect(function["name"] as? String == "figlet")
            #expect(function["namespace"] as? String == "openfaas-fn")
            #expect(function["annotations"] as? [String: String] == ["topic": "faas-request"])
            #expect(function["replicas"] as? Int == 1)
            #expect(function["invocationCount"] == nil)
            #expect(function["labels"] == nil)
            #expect((function["createdAt"] as? String)?.hasSuffix("Z") == true)
            _ = try await client.send(.POST, "/function/figlet", body: "x")
            let status = try await client.send(.GET, "/system/function/figlet").json() as? [String: Any]
            #expect(status?["invocationCount"] as? Int == 1)
        }
    }

    @Test(arguments: Driver.allCases)
    func `namespaces, info and health answer as the gateway does`(driver: Driver) async throws {
        try await Client.with(driver, configuration()) { client in
            #expect(try await client.send(.GET, "/system/namespaces").body == "[\"openfaas-fn\"]")
            let info = try await client.send(.GET, "/system/info").json() as? [String: Any]
            #expect((info?["provider"] as? [String: Any])?["orchestration"] as? String == "kubernetes")
            #expect(try await client.send(.GET, "/healthz").status == 200)
            #expect(try await client.send(.GET, "/system/functions?namespace=nope").status == 400)
        }
    }

    // MARK: Deploying

    @Test(arguments: Driver.allCases)
    func `a function is deployed, updated and deleted`(driver: Driver) async throws {
        try await Client.with(driver, configuration()) { client in
            let deployment = #"{"service":"shout","image":"functions/figlet:1","annotations":{"topic":"a"}}"#
            #expect(try await client.send(.PUT, "/system/functions", body: deployment).status == 404)
            #expect(try await client.send(.POST, "/system/functions", body: deployment).status == 202)
            #expect(try await client.send(.POST, "/function/shout", body: "I").body.contains("###"))
            let update = #"{"service":"shout","image":"functions/figlet:2","annotations":{"topic":"b"}}"#
            #expect(try await client.send(.PUT, "/system/functions", body: update).status == 202)
            let status = try await client.send(.GET, "/system/function/shout").json() as? [String: Any]
            #expect(status?["annotations"] as? [String: String] == ["topic": "b"])
            let name = #"{"functionName":"shout"}"#
            #expect(try await client.send(.DELETE, "/system/functions", body: name).status == 202)
            #expect(try await client.send(.DELETE, "/system/functions", body: name).status == 404)
            #expect(try await client.send(.GET, "/system/function/shout").status == 404)
        }
    }

    @Test(arguments: [
        "", "null", "[]", "{", #"{"service":"x"}"#, #"{"service":"","image":"i"}"#, #"{"service":"a b","image":"i"}"#,
        #"{"service":1,"image":"i"}"#, #"{"service":"x","image":"i","namespace":"nope"}"#,
    ])
    func `a deployment that cannot be read is a 400 that says why`(body: String) async throws {
        try await Client.with(.inMemory, configuration()) { client in
            let answer = try await client.send(.POST, "/system/functions", body: body)
            #expect(answer.status == 400)
            #expect(!answer.body.isEmpty)
        }
    }

    // MARK: Invoking

    @Test(arguments: Driver.allCases)
    func `a call gets the function's reply and the gateway's headers`(driver: Driver) async throws {
        let shout = Function("shout") { request in
            FunctionReply(request.text.uppercased(), status: 201, headers: [("X-Made-By", "shout")])
        }
        try await Client.with(driver, configuration(shout)) { client in
            let answer = try await client.send(
                .POST, "/function/shout/deep/path?q=1", headers: [("Content-Type", "text/x-test")], body: "hello")
            #expect(answer.status == 201)
            #expect(answer.body == "HELLO")
            #expect(answer.header("X-Made-By") == "shout")
            #expect(answer.header("Content-Type") == "text/x-test")
            #expect(answer.header("X-Served-By") == "openfaas-ce/0.27.10")
            #expect(answer.header("X-Start-Time").flatMap { Int64($0) } ?? 0 > 1_000_000_000_000_000_000)
            #expect(UUID(uuidString: answer.header("X-Call-Id") ?? "") != nil)
            let named = try await client.send(.POST, "/function/shout", headers: [("X-Call-Id", "mine")])
            #expect(named.header("X-Call-Id") == nil)
        }
    }

    @Test(arguments: Driver.allCases)
    func `a function gets the caller's headers, and the gateway's beside them`(driver: Driver) async throws {
        let show = Function("show") { request in
            let names = ["X-Forwarded-For", "X-Forwarded-Host", "User-Agent", "X-Call-Id", "Authorization", "TE"]
            let values = names.map { "\($0)=\(request.header($0) ?? "")" }
            return FunctionReply(values.joined(separator: "\n"))
        }
        try await Client.with(driver, configuration(show)) { client in
            var headers = [("X-Call-Id", "7"), ("Authorization", "Bearer a")]
            // The client over TCP writes these two itself, and no other client's.
            if driver == .inMemory { headers += [("TE", "trailers"), ("Host", "here")] }
            let answer = try await client.send(.POST, "/function/show", headers: headers)
            let lines = answer.body.split(separator: "\n")
            #expect(lines[0].hasPrefix("X-Forwarded-For=127.0.0.1:"))
            #expect(lines[1].count > "X-Forwarded-Host=".count)
            #expect(
                lines[2...] == [
                    "User-Agent=openfaas-ce-gateway/0.27.10", "X-Call-Id=7", "Authorization=Bearer a", "TE=",
                ])
        }
    }

    @Test(arguments: Driver.allCases)
    func `a function that waits is waited for, and one that throws is a 500 of the platform`(
        driver: Driver
    ) async throws {
        struct Broken: Error {}
        let slow = Function(
            "slow",
            asynchronously: { _ in
                await Task.yield()
                return FunctionReply("done")
            })
        let broken = Function("broken", asynchronously: { _ in throw Broken() })
        try await Client.with(driver, configuration(slow, broken)) { client in
            #expect(try await client.send(.POST, "/function/slow").body == "done")
            let answer = try await client.send(.POST, "/function/broken")
            #expect(answer.status == 500)
            #expect(answer.header("X-OpenFaaS-Internal") == "proxy")
        }
    }

    @Test(arguments: Driver.allCases)
    func `the namespace is what follows the last dot`(driver: Driver) async throws {
        var configuration = FakeGateway.Configuration()
        configuration.namespaces = ["openfaas-fn", "dev"]
        configuration.functions = [
            Function("who") { _ in FunctionReply("default") },
            Function("who", namespace: "dev") { _ in FunctionReply("dev") },
        ]
        try await Client.with(driver, configuration) { client in
            #expect(try await client.send(.POST, "/function/who").body == "default")
            #expect(try await client.send(.POST, "/function/who.openfaas-fn").body == "default")
            #expect(try await client.send(.POST, "/function/who.dev").body == "dev")
            let list = try await client.send(.GET, "/system/functions?namespace=dev").json() as? [[String: Any]]
            #expect(list?.count == 1)
        }
    }

    @Test(arguments: Driver.allCases)
    func `an unknown function is a 404, or a 503 of the provider`(driver: Driver) async throws {
        try await Client.with(driver, configuration()) { client in
            let answer = try await client.send(.POST, "/function/nope")
            #expect(answer.status == 404)
            #expect(answer.body.hasPrefix("error finding function nope.openfaas-fn: "))
        }
        var strict = configuration()
        strict.unknownFunction = .noEndpoints
        try await Client.with(driver, strict) { client in
            let answer = try await client.send(.POST, "/function/nope")
            #expect(answer.status == 503)
            #expect(answer.body == "No endpoints available for: nope.\n")
            #expect(answer.header("X-OpenFaaS-Internal") == "proxy")
        }
    }

    @Test(arguments: [
        (HTTPMethod.GET, "/nowhere", 404), (.GET, "/async-function/figlet", 405), (.GET, "/function/", 404),
        (.PATCH, "/system/functions", 405), (.POST, "/system/info", 405), (.TRACE, "/function/figlet", 405),
        (.GET, "/", 307), (.POST, "/healthz", 405),
    ])
    func `paths and methods that are not there`(method: HTTPMethod, target: String, status: Int) async throws {
        try await Client.with(.inMemory, configuration(BuiltIn.figlet.function())) { client in
            let answer = try await client.send(method, target)
            #expect(answer.status == status)
            if status == 404 { #expect(answer.body == "404 page not found\n") }
            if status == 405 { #expect(answer.body.isEmpty) }
            if status == 307 { #expect(answer.header("Location") == "/ui/") }
        }
    }

    // MARK: Who may

    @Test(arguments: Driver.allCases)
    func `the API asks for credentials, functions and health do not`(driver: Driver) async throws {
        var configuration = configuration(BuiltIn.echo.function())
        configuration.basicAuth = .init(user: "admin", password: "s3cret")
        try await Client.with(driver, configuration) { client in
            for target in ["/system/functions", "/system/function/echo", "/system/namespaces", "/system/info"] {
                let answer = try await client.send(.GET, target)
                #expect(answer.status == 401)
                #expect(answer.body == "invalid credentials")
                #expect(answer.header("WWW-Authenticate") == "Basic realm=\"Restricted\"")
            }
            let right = [("Authorization", "Basic \(Data("admin:s3cret".utf8).base64EncodedString())")]
            let wrong = [("Authorization", "Basic \(Data("admin:guess!".utf8).base64EncodedString())")]
            #expect(try await client.send(.GET, "/system/functions", headers: right).status == 200)
            #expect(try await client.send(.GET, "/system/functions", headers: wrong).status == 401)
            #expect(try await client.send(.POST, "/function/echo", body: "open").body == "open")
            #expect(try await client.send(.GET, "/healthz").status == 200)
        }
    }
}
