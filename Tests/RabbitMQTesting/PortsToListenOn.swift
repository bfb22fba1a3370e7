// Ports for a server that cannot be asked to choose its own.

import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

enum PortsToListenOn {
    /// Below those that systems give to whoever asks for any port, or who connects: one of these could be somebody
    /// else's before the server, which takes seconds to start, listens on it.
    private static let range: Range<UInt16> = 20_000..<32_000
    private static let next = Mutex(UInt16.random(in: range))

    /// TCP ports of 127.0.0.1 that nobody has, and that this process gives to nobody else.
    static func take(_ count: Int) throws -> [UInt16] {
        try next.withLock { next in
            var ports: [UInt16] = []
            for _ in range where ports.count < count {
                if canBind(next) { ports.append(next) }
                next = next + 1 < range.upperBound ? next + 1 : range.lowerBound
            }
            try #require(ports.count == count, "no free port from \(range.lowerBound) to \(range.upperBound - 1)")
            return ports
        }
    }

    private static func canBind(_ port: UInt16) -> Bool {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
