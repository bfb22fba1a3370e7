// The code of the article TestAgainstAGateway, run.

import FakeGateway
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Stands for the code under test: asks a function, and once more if the gateway is busy.
func ask(_ function: String, at gateway: String, _ text: String) async throws -> String {
    var request = URLRequest(url: try #require(URL(string: "\(gateway)/function/\(function)")))
    request.httpMethod = "POST"
    request.httpBody = Data(text.utf8)
    var (body, response) = try await URLSession.shared.data(for: request)
    if (response as? HTTPURLResponse)?.statusCode == 503 {
        (body, response) = try await URLSession.shared.data(for: request)
    }
    return String(decoding: body, as: UTF8.self)
}

// article: begin
@Suite struct ShoutTests {
    @Test func `a busy gateway is asked again`() async throws {
        var configuration = FakeGateway.Configuration()
        configuration.functions = [Function("shout") { FunctionReply($0.text.uppercased()) }]
        let gateway = try await FakeGateway.start(configuration)
        try await gateway.setFaults([FaultRule(.status(503), function: "shout", count: 1)])

        #expect(try await ask("shout", at: gateway.url, "hello") == "HELLO")

        let calls = try await gateway.calls(of: "shout")
        #expect(calls.map(\.status) == [503, 200])
        #expect(calls.map(\.text) == ["hello", "hello"])
        await gateway.shutdown()
    }
}
// article: end
