import FakeGateway
import Scenarios

/// A function that the command line asks for and that is not built in.
struct UnknownBuiltIn: Error, CustomStringConvertible {
    let name: String

    var description: String {
        let names = BuiltIn.allCases.map(\.rawValue).joined(separator: ", ")
        return "--function: there is no built-in function \"\(name)\"; there are \(names)"
    }
}

extension FakeGateway {
    /// A gateway with the built-in functions of a command line.
    static func start(
        _ address: ListenAddress, functions: [FunctionArgument], seed: UInt64, faults: [GatewayFaultRule] = []
    ) async throws -> FakeGateway {
        var configuration = Configuration()
        configuration.host = address.host
        configuration.port = address.port
        configuration.seed = seed
        configuration.faults = faults
        // Only a test within the process can read the journal: it holds what is under way.
        configuration.limits.journalEntries = 1000
        configuration.functions = try functions.map { try $0.function() }
        return try await start(configuration)
    }
}

extension FunctionArgument {
    func function(isSubscribed: Bool = true) throws(UnknownBuiltIn) -> Function {
        guard let builtIn = BuiltIn(rawValue: builtIn) else { throw UnknownBuiltIn(name: builtIn) }
        return builtIn.function(name, topic: isSubscribed ? topics : nil)
    }
}
