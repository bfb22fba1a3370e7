// Where a client connects to, read from a base URL such as `http://gateway.openfaas:8080/prefix`.

/// Host, port and base path of an HTTP server.
package struct HTTPEndpoint: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http
        case https
    }

    package let scheme: Scheme
    /// A name or an address, without the brackets of an IPv6 address.
    package let host: String
    package let port: Int
    /// Empty, or a path that begins with a slash and does not end with one. Every request's path is put after it.
    package let basePath: String

    /// Host and port as they stand in a Host header and in error messages; the port is left out where it is the
    /// scheme's own.
    package let authority: String
    /// What follows the target in the head of every request.
    let headAfterTarget: String

    /// Reads `text`, a URL with a scheme, a host, and perhaps a port and a path.
    package init(_ text: String) throws(HTTPEndpointError) {
        func refuse(_ reason: String) -> HTTPEndpointError { HTTPEndpointError(url: text, reason: reason) }

        guard let separator = text.firstRange(of: "://") else { throw refuse("it has no scheme") }
        guard let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased()) else {
            throw refuse("its scheme is not http or https")
        }
        let rest = text[separator.upperBound...]
        let pathStart = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        var path = rest[pathStart...]
        guard !path.contains("?"), !path.contains("#") else { throw refuse("it has a query or a fragment") }
        while path.last == "/" { path.removeLast() }
        guard path.isEmpty || HeaderSyntax.isRequestTarget(String(path)) else {
            throw refuse("its path holds a blank or a sign that must be percent-encoded")
        }

        let (host, portText) = try Self.split(authority: rest[..<pathStart], refuse)
        let usualPort = scheme == .http ? 80 : 443
        if let portText {
            guard portText.utf8.allSatisfy({ UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }),
                let number = UInt16(portText), number > 0
            else { throw refuse("its port is not a number from 1 to 65535") }
            port = Int(number)
        } else {
            port = usualPort
        }
        self.scheme = scheme
        self.host = host
        basePath = String(path)
        let name = host.contains(":") ? "[\(host)]" : host
        authority = port == usualPort ? name : "\(name):\(port)"
        headAfterTarget = " HTTP/1.1\r\nHost: \(authority)\r\n"
    }

    private static func split(
        authority: Substring, _ refuse: (String) -> HTTPEndpointError
    ) throws(HTTPEndpointError) -> (host: String, port: Substring?) {
        guard !authority.contains("@") else {
            throw refuse("it holds credentials, which belong into the files of the basic authentication")
        }
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else {
                throw refuse("its IPv6 address has no closing bracket")
            }
            let host = authority[..<end].dropFirst()
            guard !host.isEmpty, host.utf8.allSatisfy(isAddressByte) else {
                throw refuse("its IPv6 address is malformed")
            }
            let tail = authority[end...].dropFirst()
            guard tail.isEmpty || tail.first == ":" else {
                throw refuse("something other than a port follows its host")
            }
            return (String(host), tail.isEmpty ? nil : tail.dropFirst())
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw refuse("an IPv6 address needs brackets: http://[::1]:8080") }
        guard let host = parts.first, !host.isEmpty else { throw refuse("it has no host") }
        guard host.utf8.allSatisfy(isNameByte) else { throw refuse("its host is not a name or an address") }
        return (String(host), parts.count == 2 ? parts[1] : nil)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        isNameByte(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "%")
    }
}

extension HTTPEndpoint: CustomStringConvertible {
    package var description: String { "\(scheme.rawValue)://\(authority)\(basePath)" }
}

/// Why a text is no base URL. Its description never shows credentials.
package struct HTTPEndpointError: Error, Equatable, Sendable, CustomStringConvertible {
    package let url: String
    package let reason: String

    init(url: String, reason: String) {
        self.url = Self.masked(url)
        self.reason = reason
    }

    package var description: String {
        "'\(url)' cannot be used: \(reason). Accepted: http://HOST[:PORT][/PATH], or https"
    }

    /// `url` without what stands between the scheme and an at sign.
    private static func masked(_ url: String) -> String {
        guard let at = url.lastIndex(of: "@") else { return url }
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        return start <= at ? "\(url[..<start])***\(url[at...])" : "***\(url[at...])"
    }
}
