import FakeGateway
import HTTP

/// An OpenFaaS gateway of this process's own, whose functions note the record of each call.
struct ServedGateway: Sendable {
    private let gateway: FakeGateway
    var url: String { gateway.url }

    /// - Throws: `Failure` if the address cannot be had.
    static func start(
        _ address: ListenAddress, functions: [VerifySettings.Function], topics: [String],
        take: @escaping @Sendable (_ function: String, _ header: String, _ time: Int64) -> Void
    ) async throws -> ServedGateway {
        var configuration = FakeGateway.Configuration()
        configuration.host = address.host
        configuration.port = address.port
        // What calls tell is noted here.
        configuration.limits.journalEntries = 1
        configuration.functions = functions.map { function in
            let name = function.name
            return Function(name, topic: function.topic ?? topics.joined(separator: ",")) { request in
                if let header = request.header(FollowLedger.header) {
                    take(name, header, WallClock.unixNanoseconds())
                }
                return FunctionReply("ok\n")
            }
        }
        do {
            return ServedGateway(gateway: try await FakeGateway.start(configuration))
        } catch {
            throw Failure("gateway_listen: \(error)")
        }
    }

    func shutDown() async { await gateway.shutdown() }
}
