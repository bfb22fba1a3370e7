import Foundation
import NIOCore

/// What a deployment says of a function (`POST` and `PUT /system/functions`).
struct FunctionDeployment: Sendable, Decodable {
    struct Resources: Sendable, Decodable {
        private enum CodingKeys: String, CodingKey, CaseIterable {
            case memory, cpu
            case nvidia = "nvidia.com/gpu"
            case amd = "amd.com/gpu"
            case intel = "intel.com/gpu"
        }

        /// In the order of Go's struct; none is empty.
        let values: [(name: String, value: String)]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            values = try CodingKeys.allCases.compactMap { key in
                guard let value = try container.decodeIfPresent(String.self, forKey: key), !value.isEmpty else {
                    return nil
                }
                return (key.rawValue, value)
            }
        }
    }

    var service: String
    var image: String
    var namespace: String?
    var envProcess: String?
    var envVars: [String: String]?
    var constraints: [String]?
    var secrets: [String]?
    var labels: [String: String]?
    var annotations: [String: String]?
    var limits: Resources?
    var requests: Resources?
    var readOnlyRootFilesystem: Bool?

    /// What the watchdog runs.
    var process: String? {
        [envProcess, envVars?["fprocess"]].compactMap(\.self).first { !$0.isEmpty }
    }

    init(_ function: Function) {
        service = function.name
        image = function.image
        namespace = function.namespace
        envVars = function.environment
        labels = function.labels
        annotations = function.annotations
        secrets = function.secrets
    }
}

/// `DELETE /system/functions`.
struct DeleteFunctionRequest: Sendable, Decodable {
    var functionName: String
    var namespace: String?
}

/// Reads JSON that a client sent.
enum JSONBody {
    /// Why a body is not what it should be, in a few words for the reply.
    struct Failure: Error {
        let reason: String
    }

    static func isArrayOrNull(_ body: ByteBuffer) -> Bool {
        let data = Data(body.readableBytesView)
        guard let value = try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed) else {
            return false
        }
        return value is NSNull || value is [Any]
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from body: ByteBuffer) throws(Failure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch DecodingError.keyNotFound(let key, _) {
            throw Failure(reason: "\(key.stringValue) is required")
        } catch DecodingError.typeMismatch(let type, let context) {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw Failure(reason: "\(path.isEmpty ? "the body" : path) is not of type \(type)")
        } catch {
            throw Failure(reason: "the body is not JSON")
        }
    }
}
