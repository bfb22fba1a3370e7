package import Connector
import Foundation
package import NIOCore

/// Reads the gateway's listings. Go leaves out what is empty and may write `null` for a list, so all of that is fine.
package enum Listing {
    package static func namespaces(_ body: ByteBuffer, from url: String) throws -> [String] {
        if body.readableBytes == 0 { return [] }
        return try decode([String]?.self, from: body, of: url) ?? []
    }

    /// - Parameter namespace: The one that was asked for; its functions carry it.
    package static func functions(
        _ body: ByteBuffer, namespace: String?, from url: String
    ) throws -> [FunctionDescription] {
        let functions = try decode([FunctionStatus]?.self, from: body, of: url) ?? []
        return functions.map {
            FunctionDescription(
                name: FunctionName($0.name, namespace: namespace), annotations: $0.annotations ?? [:])
        }
    }

    private struct FunctionStatus: Decodable {
        let name: String
        let annotations: [String: String]?
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, from body: ByteBuffer, of url: String
    ) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw ListingError(url: url, problem: error, body: body)
        }
    }
}

/// A listing that is no listing.
struct ListingError: Error, Equatable, CustomStringConvertible {
    private static let shownBytes = 200

    let description: String

    init(url: String, status: Int, body: ByteBuffer, hasCredentials: Bool) {
        let hint =
            switch (status, hasCredentials) {
            case (401, true): "; it refuses the user and password that secret_mount_path holds"
            case (401, false): "; set basic_auth=true and mount the gateway's credentials"
            default: ""
            }
        description = "GET \(url) answered status \(status)\(hint): \(Self.shown(body))"
    }

    init(url: String, problem: DecodingError, body: ByteBuffer) {
        description =
            "GET \(url) did not answer with the JSON list expected (\(Self.told(problem))): \(Self.shown(body))"
    }

    private static func told(_ problem: DecodingError) -> String {
        switch problem {
        case .keyNotFound(let key, let context): "no \(path(context, key.stringValue))"
        case .typeMismatch(let type, let context): "\(path(context)) is no \(type)"
        case .valueNotFound(let type, let context): "\(path(context)) is null, not \(type)"
        case .dataCorrupted: "not JSON"
        @unknown default: "not JSON"
        }
    }

    private static func path(_ context: DecodingError.Context, _ last: String? = nil) -> String {
        let keys =
            context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue } + (last.map { [$0] } ?? [])
        return keys.isEmpty ? "the whole" : keys.joined(separator: ".")
    }

    /// The first bytes, on one line.
    private static func shown(_ body: ByteBuffer) -> String {
        let text = String(decoding: body.readableBytesView.prefix(shownBytes), as: UTF8.self)
        let line = text.unicodeScalars.map { $0.value < 0x20 ? " " : String($0) }.joined()
        return line.isEmpty ? "an empty body" : "'\(line)\(body.readableBytes > shownBytes ? "…" : "")'"
    }
}
