import FakeGateway
import Foundation
import NIOHTTP1
import Testing

/// Functions that are programs, and the images that OpenFaaS's acceptance tests deploy.
@Suite struct ProcessTests {
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

    @Test func `a program gets the body and answers with its output`() async throws {
        let upper = Function("upper", process: ["tr", "a-z", "A-Z"])
        try await withGateway(FakeGateway.Configuration(.faasNetes, upper)) { gateway in
            let answer = try await post(gateway, "/function/upper", "hello", [("Content-Type", "text/x-test")])
            #expect(answer.status == 200)
            #expect(answer.body == "HELLO")
            #expect(answer.header("Content-Type") == "text/x-test")
        }
    }

    @Test func `it sees the request and its own settings in the environment, and nothing of this process`() async throws
    {
        var function = Function("vars", process: ["env"])
        function.environment = ["mode": "test"]
        let vars = function
        try await withGateway(FakeGateway.Configuration(.faasNetes, vars)) { gateway in
            let answer = try await post(gateway, "/function/vars/a/b?c=d", "12345", [("X-Topic", "orders")])
            let lines = answer.body.split(separator: "\n")
            for line in [
                "Http_Method=POST", "Http_Path=/a/b", "Http_Query=c=d", "Http_X_Topic=orders", "Http_ContentLength=5",
                "mode=test", "fprocess=env",
            ] { #expect(lines.contains(line[...]), "\(line)") }
            #expect(!lines.contains { $0.hasPrefix("HOME=") })
        }
    }

    @Test func `a code other than 0 is a 500 with what it wrote, and its errors are its log`() async throws {
        let broken = Function("broken", process: ["sh", "-c", "echo oops >&2; echo part; exit 3"])
        let absent = Function("absent", process: ["no-such-program"])
        try await withGateway(FakeGateway.Configuration(.faasNetes, broken, absent)) { gateway in
            let answer = try await post(gateway, "/function/broken")
            #expect(answer.status == 500)
            #expect(answer.body == "exit status 3\npart\n\n")
            #expect(answer.header("X-OpenFaaS-Internal") == nil)
            let log = try await Client.overTCP(gateway, .GET, "/system/logs?name=broken", [], "").body
            #expect(log.contains(#""text":"oops""#))
            let unreachable = try await post(gateway, "/function/absent")
            #expect(unreachable.status == 500)
            #expect(unreachable.header("X-OpenFaaS-Internal") == "proxy")
        }
    }

    @Test func `one that does not end is given up`() async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, Function("stuck", process: ["sleep", "600"]))
        configuration.upstreamTimeout = .milliseconds(200)
        try await withGateway(configuration) { gateway in
            let answer = try await post(gateway, "/function/stuck")
            #expect(answer.status == 502)
            #expect(answer.body.isEmpty)
        }
    }

    @Test func `the acceptance tests' images do what they do`() async throws {
        try await withGateway(FakeGateway.Configuration()) { gateway in
            func deploy(_ name: String, _ more: String) async throws {
                let body = #"{"service":"\#(name)","image":"functions/alpine:latest",\#(more)}"#
                #expect(try await post(gateway, "/system/functions", body).status == 202)
            }
            try await deploy("env", #""envProcess":"env","envVars":{"custom_env":"yes"}"#)
            let env = try await post(gateway, "/function/env?testing=1").body
            #expect(env.contains("custom_env=yes\n") && env.contains("Http_Query=testing=1\n"))
            try await deploy("cat", #""envProcess":"cat""#)
            #expect(try await post(gateway, "/function/cat", "meow").body == "meow")
            try await deploy("sum", #""envProcess":"sha512sum""#)
            let sum = try await post(gateway, "/function/sum", "abc").body
            #expect(sum.hasPrefix("ddaf35a193617abacc417349ae204131") && sum.hasSuffix("  -\n"))
            #expect(try await post(gateway, "/system/secrets", #"{"name":"key","value":"hush"}"#).status == 202)
            let read = #""envProcess":"cat /var/openfaas/secrets/key""#
            try await deploy("with", read + #","secrets":["key"]"#)
            try await deploy("without", read)
            #expect(try await post(gateway, "/function/with").body == "hush")
            #expect(try await post(gateway, "/function/without").status == 500)
            let redirector = #"{"service":"r","image":"theaxer/redirector","envVars":{"destination":"http://a/b"}}"#
            #expect(try await post(gateway, "/system/functions", redirector).status == 202)
            let redirect = try await post(gateway, "/function/r")
            #expect(redirect.status == 302)
            #expect(redirect.header("Location") == "http://a/b")
        }
    }

    @Test(arguments: [true, false])
    func `what clients deploy is run only if that is configured`(isAllowed: Bool) async throws {
        var configuration = FakeGateway.Configuration()
        configuration.runsProcesses = isAllowed
        try await withGateway(configuration) { gateway in
            let body = #"{"service":"upper","image":"functions/alpine","envProcess":"tr a-z A-Z"}"#
            #expect(try await post(gateway, "/system/functions", body).status == 202)
            let answer = try await post(gateway, "/function/upper", "hello")
            #expect(answer.body == (isAllowed ? "HELLO" : "hello"))
        }
    }

    @Test func `credentials are read from files`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "credentials-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(" admin\n".utf8).write(to: folder.appending(path: "basic-auth-user"))
        #expect(throws: FakeGatewayError.self) {
            try FakeGateway.Configuration.BasicAuth.files(in: folder.path())
        }
        try Data("s3cret\n".utf8).write(to: folder.appending(path: "basic-auth-password"))
        let auth = try FakeGateway.Configuration.BasicAuth.files(in: folder.path())
        #expect(auth.user == "admin")
        #expect(auth.password == "s3cret")
    }
}
