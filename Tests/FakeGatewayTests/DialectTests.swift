import FakeGateway
import Foundation
import NIOHTTP1
import Testing

/// What the API answers in each dialect: the rows of the contract, with status, headers and bytes.
@Suite struct DialectTests {
    typealias Dialect = FakeGateway.Configuration.Dialect

    /// One request and what comes of it. The rows of a table are sent one after the other.
    struct Row {
        let method: HTTPMethod
        let target: String
        let body: String
        let status: Int
        /// The exact bytes of the reply; `nil` is any.
        var reply: String?
        var type: String?

        init(
            _ method: HTTPMethod, _ target: String, _ status: Int, _ reply: String? = nil, type: String? = nil
        ) {
            self.init(method, target, "", status, reply, type: type)
        }

        init(
            _ method: HTTPMethod, _ target: String, _ body: String, _ status: Int, _ reply: String? = nil,
            type: String? = nil
        ) {
            self.method = method
            self.target = target
            self.body = body
            self.status = status
            self.reply = reply
            self.type = type
        }
    }

    private func run(
        _ driver: Driver, _ dialect: Dialect, edition: FakeGateway.Configuration.Edition = .community, _ rows: [Row]
    ) async throws {
        var configuration = FakeGateway.Configuration()
        configuration.dialect = dialect
        configuration.edition = edition
        configuration.functions = [BuiltIn.echo.function()]
        try await Client.with(driver, configuration) { client in
            for row in rows {
                let answer = try await client.send(row.method, row.target, body: row.body)
                let what = "\(dialect) \(row.method) \(row.target) \(row.body): \(answer.status) \(answer.body)"
                #expect(answer.status == row.status, "\(what)")
                if let reply = row.reply { #expect(answer.body == reply, "\(what)") }
                if let type = row.type { #expect(answer.header("Content-Type") == type, "\(what)") }
            }
        }
    }

    @Test(arguments: Driver.allCases, Dialect.allCases)
    func `deploying answers as the dialect does`(driver: Driver, dialect: Dialect) async throws {
        let accepted = dialect == .faasd ? 200 : 202
        let deployment = #"{"service":"a","image":"functions/figlet"}"#
        try await run(
            driver, dialect,
            [
                Row(.PUT, "/system/functions", deployment, 404),
                Row(.POST, "/system/functions", deployment, accepted, ""),
                Row(.PUT, "/system/functions", deployment, accepted, ""),
                Row(.DELETE, "/system/functions", "", 400),
                Row(.DELETE, "/system/functions", #"{"functionName":""}"#, 400),
                Row(.DELETE, "/system/functions", #"{"functionName":"a"}"#, accepted, ""),
                Row(.DELETE, "/system/functions", #"{"functionName":"a"}"#, 404),
                Row(.GET, "/system/function/a", 404, ""),
                Row(.GET, "/system/function/a?namespace=nope", 400),
                Row(.GET, "/system/functions?namespace=kube-system", dialect == .faasd ? 400 : 401),
                Row(.PATCH, "/system/functions", 405, ""),
            ])
    }

    @Test(arguments: Driver.allCases, Dialect.allCases)
    func `secrets are listed by name and never with their value`(driver: Driver, dialect: Dialect) async throws {
        let isFaasd = dialect == .faasd
        let accepted = isFaasd ? 200 : 202
        try await run(
            driver, dialect,
            [
                Row(
                    .GET, "/system/secrets", 200, "[]",
                    type: isFaasd ? "text/plain; charset=utf-8" : "application/json"),
                Row(.POST, "/system/secrets", #"{"name":"key","value":"s3cret"}"#, accepted, ""),
                Row(.POST, "/system/secrets", #"{"name":"key","value":"again"}"#, isFaasd ? 200 : 409),
                Row(.PUT, "/system/secrets", #"{"name":"key","rawValue":"AAEC"}"#, accepted, ""),
                Row(.PUT, "/system/secrets", #"{"name":"nope","value":"x"}"#, isFaasd ? 200 : 404),
                Row(.DELETE, "/system/secrets", #"{"name":"nope"}"#, isFaasd ? 200 : 404),
                Row(.GET, "/system/secrets", 200, #"[{"name":"key","namespace":"openfaas-fn"}]"#),
                Row(.GET, "/system/secrets?namespace=nope", 400),
                Row(.POST, "/system/secrets", #"{"name":"../up","value":"x"}"#, isFaasd ? 400 : 422),
                Row(.POST, "/system/secrets", #"{"name":"","value":"x"}"#, isFaasd ? 400 : 422),
                Row(.POST, "/system/secrets", "{", isFaasd ? 500 : 400),
                Row(.POST, "/system/secrets", #"{"name":"a","rawValue":"?"}"#, isFaasd ? 500 : 400),
                Row(.PATCH, "/system/secrets", 405, ""),
                Row(.DELETE, "/system/secrets", #"{"name":"key"}"#, accepted, ""),
                Row(.DELETE, "/system/secrets", #"{"name":"key"}"#, isFaasd ? 500 : 404),
                Row(.GET, "/system/secrets", 200, "[]"),
            ])
    }

    @Test(arguments: Driver.allCases, Dialect.allCases)
    func `namespaces come and go where the provider has them`(driver: Driver, dialect: Dialect) async throws {
        let marked = #"{"name":"dev","labels":{"team":"a"},"annotations":{"openfaas":"1"}}"#
        guard dialect != .faasNetes else {
            return try await run(
                driver, dialect,
                [
                    Row(.GET, "/system/namespaces", 200, #"["openfaas-fn"]"#, type: "application/json"),
                    Row(.POST, "/system/namespace/dev", marked, 405, ""),
                    Row(
                        .GET, "/system/namespace/openfaas-fn", 501,
                        "Feature not implemented in this version of OpenFaaS\n"),
                    Row(.PATCH, "/system/namespace/dev", 405, ""),
                ])
        }
        try await run(
            driver, dialect,
            [
                Row(.GET, "/system/namespace/dev", 404),
                Row(
                    .POST, "/system/namespace/dev", #"{"name":"dev"}"#, 400,
                    "request does not have openfaas=1 label\n"),
                Row(.POST, "/system/namespace/dev", "[", 400),
                Row(
                    .POST, "/system/namespace/dev", #"{"name":"","annotations":{"openfaas":"1"}}"#, 400,
                    "namespace not specified in request body\n"),
                Row(
                    .PUT, "/system/namespace/dev", #"{"name":"other","annotations":{"openfaas":"1"}}"#, 400,
                    "namespace in request body does not match namespace in URL\n"),
                Row(.POST, "/system/namespace/dev", marked, 201, ""),
                Row(.POST, "/system/namespace/dev", marked, 409, "namespace dev already exists\n"),
                Row(.GET, "/system/namespaces", 200, #"["openfaas-fn","dev"]"#),
                Row(
                    .GET, "/system/namespace/dev", 200,
                    #"{"name":"dev","annotations":{"openfaas":"1"},"labels":{"team":"a"}}"# + "\n",
                    type: "application/json"),
                Row(
                    .POST, "/system/functions", #"{"service":"b","image":"functions/echo","namespace":"dev"}"#,
                    dialect == .faasd ? 200 : 202),
                Row(.POST, "/function/b.dev", "hello", 200, "hello"),
                Row(.PUT, "/system/namespace/dev", #"{"name":"dev","labels":{"openfaas":"true"}}"#, 202, ""),
                Row(
                    .GET, "/system/namespace/dev", 200, #"{"name":"dev","labels":{"openfaas":"true"}}"# + "\n"
                ),
                Row(.PUT, "/system/namespace/nope", #"{"name":"nope","labels":{"openfaas":"1"}}"#, 404),
                Row(.DELETE, "/system/namespace/dev", 400),
                Row(.DELETE, "/system/namespace/dev", marked, 202, ""),
                Row(.DELETE, "/system/namespace/dev", marked, 404, "namespace dev not found\n"),
                Row(.GET, "/system/namespaces", 200, #"["openfaas-fn"]"#),
            ])
    }

    @Test(arguments: Driver.allCases, Dialect.allCases)
    func `replicas are set, within the community's bounds`(driver: Driver, dialect: Dialect) async throws {
        let accepted = dialect == .faasd ? 200 : 202
        try await run(
            driver, dialect,
            [
                Row(.POST, "/system/scale-function/echo", #"{"serviceName":"echo","replicas":3}"#, accepted, ""),
                Row(
                    .POST, "/system/scale-function/echo", #"{"serviceName":"echo","replicas":0}"#,
                    dialect == .provider ? 400 : accepted),
                Row(.POST, "/system/scale-function/echo", "no", 400),
                Row(.POST, "/system/scale-function/echo", #"{"replicas":-1}"#, 400),
                Row(.POST, "/system/scale-function/nope", #"{"replicas":1}"#, dialect == .faasd ? 404 : 500),
                Row(.GET, "/system/scale-function/echo", 405, ""),
            ])
        try await Client.with(driver, FakeGateway.Configuration(dialect, BuiltIn.echo.function())) { client in
            _ = try await client.send(.POST, "/system/scale-function/echo", body: #"{"replicas":9}"#)
            let status = try await client.send(.GET, "/system/function/echo").json() as? [String: Any]
            #expect(status?["replicas"] as? Int == (dialect == .provider ? 9 : 5))
            #expect(status?["availableReplicas"] as? Int == status?["replicas"] as? Int)
        }
    }

    @Test(arguments: Driver.allCases, Dialect.allCases)
    func `the gateway's own routes are the gateway's`(driver: Driver, dialect: Dialect) async throws {
        let isProvider = dialect == .provider
        try await run(
            driver, dialect,
            [
                Row(.POST, "/async-function/echo", "x", isProvider ? 404 : 202),
                Row(.GET, "/", isProvider ? 404 : 307),
                Row(.GET, "/ui/", isProvider ? 404 : 200),
                Row(.POST, "/system/alert", "{", isProvider ? 404 : 400),
                Row(
                    .GET, "/api/v1/query?query=up", isProvider ? 200 : 404,
                    isProvider ? #"{"status":"success","data":{"resultType":"vector","result":[]}}"# : nil),
                Row(.GET, "/system/telemetry", 404, "404 page not found\n"),
                Row(.POST, "/function/nope", isProvider ? 503 : 404),
                Row(.GET, "/healthz", 200),
            ])
        try await Client.with(driver, FakeGateway.Configuration(dialect, BuiltIn.echo.function())) { client in
            let call = try await client.send(.POST, "/function/echo", body: "x")
            #expect((call.header("X-Served-By") == nil) == isProvider)
            #expect((call.header("X-Call-Id") == nil) == isProvider)
            let info = try #require(try await client.send(.GET, "/system/info").json() as? [String: Any])
            let provider = isProvider ? info : try #require(info["provider"] as? [String: Any])
            #expect(provider["provider"] as? String == (dialect == .faasd ? "faasd-ce" : "faas-netes"))
            #expect((info["arch"] as? String) == (isProvider ? nil : "x86_64"))
            let status = try await client.send(.GET, "/system/function/echo").json() as? [String: Any]
            #expect((status?["invocationCount"] == nil) == isProvider)
        }
    }
}

extension FakeGateway.Configuration {
    init(_ dialect: Dialect = .faasNetes, _ functions: Function...) {
        self.init()
        self.dialect = dialect
        self.functions = functions
    }
}
