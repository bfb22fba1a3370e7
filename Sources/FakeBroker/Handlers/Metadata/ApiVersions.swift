internal import KafkaProtocol

// ApiVersions (key 18): which versions of which requests this broker answers.
//
// No features are told: librdkafka 2.0.2 misreads a tagged field here and drops the connection, and no API of
// this stage is switched on by one.

extension Cluster {
    mutating func apiVersions(_ request: ApiVersionsRequest, _ context: RequestContext, effects: inout Effects) {
        if context.namesClientSoftware,
            ![request.clientSoftwareName, request.clientSoftwareVersion].allSatisfy(Self.isValidSoftware)
        {
            var response = ApiVersionsResponse()
            response.errorCode = .invalidRequest
            return reply(to: context, .apiVersions(response), error: .invalidRequest, effects: &effects)
        }
        reply(to: context, .apiVersions(Self.supportedVersions), effects: &effects)
    }

    /// A version of ApiVersions that we do not know: answered in version 0, so that any client can read it (KIP-511).
    package mutating func answerUnsupportedApiVersions(
        _ context: RequestContext, now: ClusterTime, effects: inout Effects
    ) {
        self.now = now
        var context = context
        context.number = journal.begin(context, at: now)
        context.apiVersion = 0
        var response = Self.supportedVersions
        response.errorCode = .unsupportedVersion
        reply(to: context, .apiVersions(response), error: .unsupportedVersion, effects: &effects)
    }

    /// In ascending order of the keys: librdkafka looks them up by bisection.
    private static let supportedVersions: ApiVersionsResponse = {
        var response = ApiVersionsResponse()
        response.apiKeys = answeredAPIs.map { key in
            var version = ApiVersionsResponse.ApiVersion()
            version.apiKey = key.rawValue
            version.minVersion = key.stableVersions.lowerBound
            version.maxVersion = key.stableVersions.upperBound
            return version
        }
        return response
    }()

    /// Kafka's rule: letters, digits, dots and hyphens, the first and last being letters or digits.
    private static func isValidSoftware(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }
}

extension RequestContext {
    fileprivate var namesClientSoftware: Bool { apiVersion >= 3 }
}
