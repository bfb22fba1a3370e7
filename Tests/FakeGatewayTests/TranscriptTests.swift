import TestSupport
import FakeGateway
import Foundation
import Testing

/// The main flows as a user types them, with curl, in each dialect.
@Suite struct TranscriptTests {
    typealias Dialect = FakeGateway.Configuration.Dialect

    /// What curl prints: the body, and then the status.
    private func curl(_ words: String...) async throws -> String {
        let output = try await Command.run(
            ["curl", "--silent", "--show-error", "--write-out", "[%{http_code}]"] + words)
        #expect(output.status == 0, "curl \(words): \(output.errors)")
        return output.text
    }

    private func withGateway(
        _ dialect: Dialect, _ body: (FakeGateway, String) async throws -> Void
    ) async throws {
        var configuration = FakeGateway.Configuration(dialect, BuiltIn.echo.function())
        configuration.basicAuth = .init(user: "admin", password: "s3cret")
        configuration.writeTimeout = .milliseconds(300)
        let gateway = try await FakeGateway.start(configuration)
        do { try await body(gateway, gateway.url.replacing("://", with: "://admin:s3cret@")) } catch {
            await gateway.shutdown()
            throw error
        }
        await gateway.shutdown()
    }

    @Test(arguments: Dialect.allCases)
    func `deploy, list, describe, invoke, scale, remove`(dialect: Dialect) async throws {
        try await withGateway(dialect) { gateway, url in
            let accepted = dialect == .faasd ? "[200]" : "[202]"
            let deployment = #"{"service":"banner","image":"functions/figlet","annotations":{"topic":"a"}}"#
            let name = #"{"functionName":"banner"}"#
            let refused = try await curl("\(gateway.url)/system/functions")
            #expect(refused == "invalid credentials[401]")
            #expect(try await curl("-X", "PUT", "-d", deployment, "\(url)/system/functions").hasSuffix("[404]"))
            #expect(try await curl("-d", deployment, "\(url)/system/functions") == accepted)
            let list = try await curl("\(url)/system/functions?namespace=openfaas-fn")
            #expect(list.contains(#""name":"banner","image":"functions/figlet","namespace":"openfaas-fn""#))
            #expect(list.contains(#""annotations":{"topic":"a"},"replicas":1,"availableReplicas":1,"createdAt":""#))
            let status = try await curl("\(url)/system/function/banner")
            #expect(status.hasPrefix(#"{"name":"banner""#) && status.hasSuffix("Z\"}[200]"))
            #expect(try await curl("-d", "I", "\(gateway.url)/function/banner").hasPrefix("###"))
            #expect(try await curl("-d", "hello", "\(gateway.url)/function/echo.openfaas-fn") == "hello[200]")
            #expect(
                try await curl("-d", #"{"replicas":2}"#, "\(url)/system/scale-function/banner") == accepted)
            #expect(try await curl("\(url)/system/function/banner").contains(#""replicas":2,"availableReplicas":2"#))
            #expect(try await curl("-X", "DELETE", "-d", name, "\(url)/system/functions") == accepted)
            #expect(try await curl("-X", "DELETE", "-d", name, "\(url)/system/functions").hasSuffix("[404]"))
        }
    }

    @Test(arguments: Dialect.allCases)
    func `secrets and namespaces`(dialect: Dialect) async throws {
        try await withGateway(dialect) { gateway, url in
            let accepted = dialect == .faasd ? "[200]" : "[202]"
            let created = try await curl("-d", #"{"name":"key","value":"hush"}"#, "\(url)/system/secrets")
            #expect(created == accepted)
            let list = try await curl("\(url)/system/secrets")
            #expect(list == #"[{"name":"key","namespace":"openfaas-fn"}][200]"#)
            let new = #"{"name":"key","value":"new"}"#
            #expect(try await curl("-X", "PUT", "-d", new, "\(url)/system/secrets") == accepted)
            #expect(try await curl("-X", "DELETE", "-d", #"{"name":"key"}"#, "\(url)/system/secrets") == accepted)
            #expect(try await curl("\(url)/system/namespaces") == #"["openfaas-fn"][200]"#)
            let marked = #"{"name":"dev","annotations":{"openfaas":"1"}}"#
            let answer = try await curl("-d", marked, "\(url)/system/namespace/dev")
            guard dialect != .faasNetes else {
                #expect(answer == "[405]")
                let described = try await curl("\(url)/system/namespace/dev")
                #expect(described == "Feature not implemented in this version of OpenFaaS\n[501]")
                return
            }
            #expect(answer == "[201]")
            #expect(try await curl("\(url)/system/namespaces") == #"["openfaas-fn","dev"][200]"#)
            #expect(try await curl("-X", "DELETE", "-d", marked, "\(url)/system/namespace/dev") == "[202]")
        }
    }

    @Test(arguments: Dialect.allCases)
    func `logs, followed`(dialect: Dialect) async throws {
        try await withGateway(dialect) { gateway, url in
            try await gateway.log("first\nsecond", of: "echo")
            let text = try await curl("-N", "\(url)/system/logs?name=echo&tail=1&follow=1")
            #expect(text.hasPrefix(#"{"name":"echo","namespace":"openfaas-fn","instance":"echo-0","timestamp":""#))
            #expect(text.hasSuffix("\"text\":\"second\"}\n[200]"))
        }
    }

    @Test(arguments: [Dialect.faasNetes, .faasd])
    func `a call through the queue, with its callback`(dialect: Dialect) async throws {
        try await withGateway(dialect) { gateway, _ in
            let callback = "X-Callback-Url: \(gateway.url)/function/echo"
            let taken = try await curl("-H", callback, "-d", "work", "\(gateway.url)/async-function/echo")
            #expect(taken == "[202]")
            try await eventually("the callback") { try await gateway.calls(of: "echo").count == 2 }
            let calls = try await gateway.calls(of: "echo")
            #expect(calls.map(\.text) == ["work", "work"])
            #expect(calls.map(\.isFromQueue) == [true, false])
            #expect(calls[1].header("X-Function-Status") == "200")
        }
    }

    /// Contract section 4: what faas-cli takes for success, by what it does.
    @Test(arguments: Dialect.allCases)
    func `faas-cli takes the statuses`(dialect: Dialect) async throws {
        try await withGateway(dialect) { gateway, url in
            func status(_ words: String...) async throws -> Int {
                let output = try await Command.run(
                    ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}"] + words)
                return try #require(Int(output.text))
            }
            let changed = [200, 201, 202]
            let deployment = #"{"service":"a","image":"functions/echo"}"#
            let functions = "\(url)/system/functions"
            // It tries to update first, and deploys after a 404.
            #expect(try await status("-X", "PUT", "-d", deployment, functions) == 404)
            #expect(changed.contains(try await status("-d", deployment, functions)))
            #expect(changed.contains(try await status("-X", "PUT", "-d", deployment, functions)))
            for path in [
                "functions", "functions?namespace=openfaas-fn", "function/a?namespace=openfaas-fn&usage=1",
                "logs?name=a&tail=-1&follow=false&since=", "namespaces", "info", "secrets",
            ] { #expect(try await status("\(url)/system/\(path)") == 200, "\(path)") }
            let scale = #"{"serviceName":"a","replicas":2}"#
            #expect(changed.contains(try await status("-d", scale, "\(url)/system/scale-function/a")))
            let secret = #"{"name":"key","value":"v"}"#
            #expect(changed.contains(try await status("-d", secret, "\(url)/system/secrets")))
            let again = try await status("-d", secret, "\(url)/system/secrets")
            #expect(again == (dialect == .faasd ? 200 : 409))
            for method in ["PUT", "DELETE"] {
                #expect([200, 202].contains(try await status("-X", method, "-d", secret, "\(url)/system/secrets")))
            }
            #expect(changed.contains(try await status("-d", "x", "\(url)/function/a.openfaas-fn")))
            if dialect != .provider {
                #expect(try await status("-d", "x", "\(url)/async-function/a.openfaas-fn") == 202)
            }
            let name = #"{"functionName":"a","namespace":"openfaas-fn"}"#
            let named = "\(functions)?namespace=openfaas-fn"
            #expect(changed.contains(try await status("-X", "DELETE", "-d", name, named)))
            #expect(try await status("-X", "DELETE", "-d", name, named) == 404)
            // What asks the user to log in.
            for path in ["functions", "function/a", "logs?name=a", "namespaces", "info", "secrets"] {
                #expect(try await status("\(gateway.url)/system/\(path)") == 401, "\(path)")
            }
        }
    }

    @Test func `over TLS, and with chunked bodies`() async throws {
        try await SelfSignedCertificate.with { files in
            let texts = try files.texts()
            var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function())
            configuration.tls = .init(certificateChain: texts.certificate, privateKey: texts.key)
            let gateway = try await FakeGateway.start(configuration)
            #expect(gateway.url.hasPrefix("https://127.0.0.1:"))
            let answer = try await curl(
                "--cacert", files.certificate.path(), "-H", "Transfer-Encoding: chunked", "-d", "hidden",
                "\(gateway.url)/function/echo")
            #expect(answer == "hidden[200]")
            await gateway.shutdown()
            configuration.tls = .init(certificateChain: "none", privateKey: "none")
            await #expect(throws: FakeGatewayError.self) { try await FakeGateway.start(configuration) }
        }
    }
}
