import Connector
import FakeGateway
import Foundation
import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix
import SNSTesting
import Synchronization
import TestSupport
import Testing

/// What sns-connector needs around it: a gateway with one function, and a service that stands in for SNS, whose
/// authority signs.
struct Station: Sendable {
    let authority: SNSAuthority
    let service: StandInService
    let gateway: FakeGateway
    let calls: Calls
    let loop: any EventLoop
    /// For the settings that are files.
    let folder: URL
    private let servicePort: Int

    /// What the function saw.
    final class Calls: Sendable {
        private let list = Mutex<[FunctionRequest]>([])
        func add(_ request: FunctionRequest) { list.withLock { $0.append(request) } }
        var all: [FunctionRequest] { list.withLock { $0 } }
        /// How often each message was seen.
        var byMessage: [String: Int] {
            all.reduce(into: [:]) { $0[$1.header("X-Sns-Message-Id") ?? "?", default: 0] += 1 }
        }
    }

    /// - Parameter function: Runs at each call, after it was noted.
    static func with(
        topic: String = SNSFixture.topic, function: @escaping @Sendable () async throws -> Void = {},
        _ body: (Station) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sns-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let authority = try SNSAuthority()
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let service = StandInService()
        service.answer(
            "/SimpleNotificationService-0a1b2c.pem",
            HTTPServerReply(status: 200, text: String(decoding: try authority.certificatePEM(), as: UTF8.self)))
        let server = try await HTTPServer.start(host: "127.0.0.1", port: 0, on: loop, handler: service)
        let calls = Calls()
        var configuration = FakeGateway.Configuration()
        configuration.functions = [
            Function(
                "figlet", topic: topic,
                asynchronously: { request in
                    calls.add(request)
                    try await function()
                    return FunctionReply("done")
                })
        ]
        let gateway = try await FakeGateway.start(configuration)
        let station = Station(
            authority: authority, service: service, gateway: gateway, calls: calls, loop: loop, folder: folder,
            servicePort: server.port)
        try station.file("ca.pem", authority.rootPEM())
        let result = await Result { try await body(station) }
        await gateway.shutdown()
        await server.shutDown()
        try result.get()
    }

    /// Writes a file, and says where it is.
    @discardableResult func file(_ name: String, _ content: String) throws -> String {
        let file = folder.appending(path: name)
        try content.write(to: file, atomically: true, encoding: .utf8)
        return file.path()
    }

    /// - Parameter settings: In the place of the standard ones; nothing set for an empty value.
    func connector(_ settings: [String: String] = [:], _ arguments: [String] = []) async throws -> ChildProcess {
        let standard = [
            "topics": SNSFixture.topic, "gateway_url": gateway.url, "listen": "127.0.0.1:0",
            "sns_endpoint_url": "http://127.0.0.1:\(servicePort)",
            "signing_ca_file": folder.appending(path: "ca.pem").path(), "rebuild_interval": "100ms",
            "drain_timeout": "10s",
        ]
        return try await ChildProcess("sns-connector", arguments, environment: standard.merging(settings) { $1 })
    }
}

extension ChildProcess {
    /// Where its endpoint listens.
    func endpoint() async throws -> Int {
        let mark = "Connected to 127.0.0.1:"
        var port: Int?
        try await eventually("the endpoint's port is in the log") {
            let log = standardError
            // The end of the number may not have been read yet.
            if let place = log.firstRange(of: mark), let end = log[place.upperBound...].firstIndex(of: "\n") {
                port = Int(log[place.upperBound..<end].prefix { $0.isNumber })
            }
            return port != nil || !isRunning
        }
        return try #require(port, "\(standardError)")
    }
}
