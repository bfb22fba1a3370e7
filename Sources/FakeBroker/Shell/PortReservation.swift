internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Keeps a port of this machine's choice for a broker that stops and comes back.
///
/// A socket that is bound but does not listen: connections are refused, nobody else is given the port, and with
/// `SO_REUSEADDR` on both a listener may use it. Without, another process or test may have the port by then.
final class PortReservation {
    let port: Int
    private let socket: Int32

    /// - Throws: `IOError` with what the system said.
    init(host: String) throws {
        let wanted = try SocketAddress.makeAddressResolvingHost(host, port: 0)
        #if canImport(Darwin)
            let type = SOCK_STREAM
        #else
            let type = Int32(SOCK_STREAM.rawValue)
        #endif
        let family: Int32 = if case .v6 = wanted { AF_INET6 } else { AF_INET }
        #if canImport(Darwin)
            socket = Darwin.socket(family, type, 0)
        #elseif canImport(Musl)
            socket = Musl.socket(family, type, 0)
        #else
            socket = Glibc.socket(family, type, 0)
        #endif
        guard socket >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do {
            port = try Self.bind(socket, to: wanted)
        } catch {
            close(socket)
            throw error
        }
    }

    deinit { close(socket) }

    private static func bind(_ socket: Int32, to address: SocketAddress) throws -> Int {
        var yes: Int32 = 1
        _ = unsafe setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        let bound = unsafe address.withSockAddr { pointer, length in
            #if canImport(Darwin)
                unsafe Darwin.bind(socket, pointer, socklen_t(length))
            #elseif canImport(Musl)
                unsafe Musl.bind(socket, pointer, socklen_t(length))
            #else
                unsafe Glibc.bind(socket, pointer, socklen_t(length))
            #endif
        }
        guard bound == 0 else { throw IOError(errnoCode: errno, reason: "bind") }
        // The port's two bytes lie at the same place in both families' addresses.
        var name = sockaddr()
        var length = socklen_t(MemoryLayout<sockaddr>.size)
        let named = unsafe getsockname(socket, &name, &length)
        guard named == 0 else { throw IOError(errnoCode: errno, reason: "getsockname") }
        return Int(UInt8(bitPattern: name.sa_data.0)) << 8 | Int(UInt8(bitPattern: name.sa_data.1))
    }
}
