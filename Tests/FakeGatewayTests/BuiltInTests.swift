import FakeGateway
import NIOHTTP1
import Testing

@Suite struct BuiltInTests {
    private func ask(
        _ builtIn: BuiltIn, _ target: String = "", body: String = "", headers: [(String, String)] = [],
        seed: UInt64 = 0,
        driver: Driver = .inMemory
    ) async throws -> Answer {
        var configuration = FakeGateway.Configuration()
        configuration.functions = [builtIn.function()]
        configuration.seed = seed
        var answer: Answer?
        try await Client.with(driver, configuration) { client in
            answer = try await client.send(
                .POST, "/function/\(builtIn.rawValue)\(target)", headers: headers, body: body)
        }
        return try #require(answer)
    }

    @Test(arguments: Driver.allCases)
    func `echo gives the body and its type back`(driver: Driver) async throws {
        let answer = try await ask(
            .echo, body: "{}", headers: [("Content-Type", "application/json")], driver: driver)
        #expect(answer.body == "{}")
        #expect(answer.header("Content-Type") == "application/json")
    }

    @Test func `figlet draws a banner`() async throws {
        #expect(try await ask(.figlet, body: "Hi").body.split(separator: "\n").count == 5)
    }

    @Test func `env shows what the watchdog's process would see`() async throws {
        let answer = try await ask(.env, "/a/b?c=d", body: "12345", headers: [("x-topic", "orders")])
        let lines = answer.body.split(separator: "\n")
        #expect(lines.contains("Http_Method=POST"))
        #expect(lines.contains("Http_Path=/a/b"))
        #expect(lines.contains("Http_Query=c=d"))
        #expect(lines.contains("Http_X_Topic=orders"))
        #expect(lines.contains("Http_ContentLength=5"))
    }

    @Test(arguments: [
        ("/418", "", 418), ("?status=503", "", 503), ("", "204", 204), ("", "what?", 400), ("/99", "", 400),
    ])
    func `status answers what it is told`(target: String, body: String, status: Int) async throws {
        #expect(try await ask(.status, target, body: body).status == status)
    }

    @Test func `sleep answers after its time`() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let answer = try await ask(.sleep, "?duration=50ms", driver: .tcp)
        #expect(answer.status == 200)
        #expect(clock.now - start >= .milliseconds(50))
    }

    @Test func `flaky fails for its share, by the seed`() async throws {
        func statuses(seed: UInt64) async throws -> [Int] {
            var configuration = FakeGateway.Configuration()
            configuration.functions = [BuiltIn.flaky.function()]
            configuration.seed = seed
            var statuses: [Int] = []
            try await Client.with(.inMemory, configuration) { client in
                for _ in 0..<200 {
                    statuses.append(try await client.send(.POST, "/function/flaky?ratio=0.25").status)
                }
            }
            return statuses
        }
        let first = try await statuses(seed: 1)
        #expect(try await statuses(seed: 1) == first)
        #expect(try await statuses(seed: 2) != first)
        #expect((20...80).contains(first.count { $0 == 500 }))
    }
}
