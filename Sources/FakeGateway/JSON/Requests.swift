import Foundation

/// `POST /system/scale-function/{name}`.
struct ScaleRequest: Sendable, Decodable {
    var replicas: UInt64?
    var namespace: String?
}

/// `POST /system/alert`, as far as it matters.
struct AlertRequest: Sendable, Decodable {
    struct Alert: Sendable, Decodable {
        struct Labels: Sendable, Decodable {
            // The name on the wire.
            // swift-format-ignore: AlwaysUseLowerCamelCase
            var function_name: String?
        }

        var status: String?
        var labels: Labels?
    }

    var alerts: [Alert]?
}

/// `POST`, `PUT` and `DELETE /system/secrets`.
struct SecretRequest: Sendable, Decodable {
    var name: String?
    var namespace: String?
    var value: String?
    /// Base64 on the wire.
    var rawValue: Data?

    /// The raw value wins where there is one.
    var bytes: [UInt8] {
        if let rawValue, !rawValue.isEmpty { Array(rawValue) } else { Array((value ?? "").utf8) }
    }
}

/// `POST`, `PUT` and `DELETE /system/namespace/{name}`.
struct NamespaceRequest: Sendable, Decodable {
    var name: String?
    var labels: [String: String]?
    var annotations: [String: String]?
}
