import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

extension GatewayState {
    /// Answers for users with the right credentials; others get 401, in the words of the real gateway.
    mutating func authorized(
        _ request: HTTPServerRequest, _ body: (inout GatewayState) -> HTTPServerReply
    ) -> HTTPServerReply {
        guard let auth = settings.basicAuth else { return body(&self) }
        let expected = Base64Text.encode("\(auth.user):\(auth.password)")
        let given = request.headers.first(name: "Authorization") ?? ""
        guard Self.isEqual("Basic \(expected)", given) else {
            return HTTPServerReply(
                status: 401,
                headers: [
                    ("WWW-Authenticate", "Basic realm=\"Restricted\""), ("Content-Type", "text/plain; charset=utf-8"),
                ], body: .init(string: "invalid credentials"))
        }
        return body(&self)
    }

    /// Takes the same time wherever the texts differ.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var encoded: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for digit in 0..<4 {
                encoded.append(digit <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * digit)) & 0x3f] : 0x3d)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
