import Foundation
import Kafka

/// A file with a JSON Web Token, such as Kubernetes mounts for a service account. Read each time librdkafka wants a
/// token, which it does well before the last one ends. What the file holds never reaches a text.
struct TokenFile: Sendable {
    struct Unusable: Error, CustomStringConvertible {
        let path: String
        let problem: String

        var description: String { "the token file \(path) \(problem)" }
    }

    private struct Claims: Decodable {
        let sub: String?
        let exp: Double
    }

    static let bytesAccepted = 64 * 1024
    let path: String

    func read() throws(Unusable) -> BearerToken {
        guard let data = FileManager.default.contents(atPath: path), data.count <= Self.bytesAccepted,
            let text = String(data: data, encoding: .utf8)?.trimmingCharacters(in: .whitespacesAndNewlines)
        else { throw Unusable(path: path, problem: "cannot be read as text of at most 64 KiB") }
        guard !text.isEmpty else { throw Unusable(path: path, problem: "is empty") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let body = Self.decoded(parts[1]),
            let claims = try? JSONDecoder().decode(Claims.self, from: body), (0..<9e12).contains(claims.exp)
        else { throw Unusable(path: path, problem: "holds no JSON Web Token that says when it expires (exp)") }
        return BearerToken(
            text, principal: claims.sub ?? "unnamed", expiryMilliseconds: Int64((claims.exp * 1000).rounded(.down)))
    }

    /// base64url without padding.
    private static func decoded(_ text: Substring) -> Data? {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4))
    }
}
