import HTTP
import NIOCore
import NIOHTTP1

extension GatewayState {
    /// 401 in the words of the real gateway for users without the right credentials; `nil` for others.
    func refusal(_ request: HTTPServerRequest) -> HTTPServerReply? {
        guard let auth = settings.basicAuth else { return nil }
        let given = request.headers.first(name: "Authorization") ?? ""
        let scheme = given.prefix(6)
        let expected = Base64Text.encode("\(auth.user):\(auth.password)")
        let isRight = Self.isEqual(expected, String(given.dropFirst(6)))
        return isRight && scheme.lowercased() == "basic " ? nil : .unauthorized
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
