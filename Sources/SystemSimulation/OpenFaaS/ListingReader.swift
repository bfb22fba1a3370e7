// Reads what the gateway lists, once for all replicas as long as it lists the same: reading JSON is dear.

import Connector
import NIOCore
import OpenFaaSGateway

// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class ListingReader: @unchecked Sendable {
    /// What was read last, and the bytes that it was read from.
    private var lastNamespaces: (body: ByteBuffer, names: [String])?
    private var lastFunctions: (body: ByteBuffer, withoutCounts: [UInt8], functions: [FunctionDescription])?

    func namespaces(_ body: ByteBuffer) throws -> [String] {
        if let lastNamespaces, lastNamespaces.body == body { return lastNamespaces.names }
        let names = try Listing.namespaces(body, from: "/system/namespaces")
        lastNamespaces = (body, names)
        return names
    }

    /// Names go without the namespace here, for there is one.
    func functions(_ body: ByteBuffer, from target: String) throws -> [FunctionDescription] {
        if let lastFunctions, lastFunctions.body == body { return lastFunctions.functions }
        let telling = Self.withoutCounts(body)
        if let lastFunctions, lastFunctions.withoutCounts == telling { return lastFunctions.functions }
        let functions = try Listing.functions(body, namespace: nil, from: target)
        lastFunctions = (body, telling, functions)
        return functions
    }

    private static let count = Array("\"invocationCount\":".utf8)

    /// A listing without how often each function was called, which is all that differs in most of them.
    private static func withoutCounts(_ body: ByteBuffer) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(body.readableBytes)
        var isCount = false
        var matched = 0
        for byte in body.readableBytesView {
            if isCount, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { continue }
            isCount = false
            matched = byte == count[matched] ? matched + 1 : byte == count[0] ? 1 : 0
            if matched == count.count {
                isCount = true
                matched = 0
            }
            kept.append(byte)
        }
        return kept
    }
}
