import HTTP
import NIOHTTP1

/// The headers that a function gets: the caller's, without those that a proxy keeps to itself, and the gateway's own.
/// Put together only when somebody reads them, for most functions do not.
struct FunctionHeaders: Sendable {
    let received: HTTPHeaders
    /// For a caller that names none.
    var userAgent: String?
    var callID: String?
    var startedUnixNanoseconds: Int64?

    var all: [(name: String, value: String)] {
        var all = received.compactMap { name, value in
            Self.isHopByHop(name) ? nil : (name: name, value: value)
        }
        if let userAgent, !all.contains(where: { $0.name.equalsIgnoringCase("user-agent") }) {
            all.append(("User-Agent", userAgent))
        }
        if let callID { all.append(("X-Call-Id", callID)) }
        if let startedUnixNanoseconds { all.append(("X-Start-Time", String(startedUnixNanoseconds))) }
        return all
    }

    /// The first one of that name, whatever its case.
    func first(_ name: String) -> String? {
        let name = name.lowercased()
        return all.first { $0.name.lowercased() == name }?.value
    }

    /// What a proxy keeps to itself.
    private static func isHopByHop(_ name: String) -> Bool {
        switch name.utf8.count {
        case 2: name.equalsIgnoringCase("te")
        case 7: name.equalsIgnoringCase("trailer") || name.equalsIgnoringCase("upgrade")
        case 10: name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive")
        case 16: name.equalsIgnoringCase("proxy-connection")
        case 18: name.equalsIgnoringCase("proxy-authenticate")
        case 19: name.equalsIgnoringCase("proxy-authorization")
        case 17: name.equalsIgnoringCase("transfer-encoding")
        default: false
        }
    }
}
