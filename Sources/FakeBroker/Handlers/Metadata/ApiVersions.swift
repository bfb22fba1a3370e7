internal import KafkaProtocol

// ApiVersions (key 18): which versions of which requests this broker answers.
//
// Features (KIP-584) tell clients which version of transactions to speak. librdkafka before 2.10 is told none: 2.0.2
// misreads a tagged field here and drops the connection, and none of them asks for one.

extension Cluster {
    mutating func apiVersions(_ request: ApiVersionsRequest, _ context: RequestContext, effects: inout Effects) {
        if context.namesClientSoftware,
            ![request.clientSoftwareName, request.clientSoftwareVersion].allSatisfy(Self.isValidSoftware)
        {
            var response = ApiVersionsResponse()
            response.errorCode = .invalidRequest
            return reply(to: context, .apiVersions(response), error: .invalidRequest, effects: &effects)
        }
        var response = Self.supportedVersions
        if context.namesClientSoftware,
            !Self.misreadsFeatures(request.clientSoftwareName, request.clientSoftwareVersion)
        {
            addFeatures(to: &response, context)
        }
        reply(to: context, .apiVersions(response), effects: &effects)
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

    private func addFeatures(to response: inout ApiVersionsResponse, _ context: RequestContext) {
        response.finalizedFeaturesEpoch = features.epoch
        for feature in features.all {
            // Earlier versions cannot say that a feature may be off.
            if feature.supported.lowerBound > 0 || context.mayNameDisabledFeatures {
                var supported = ApiVersionsResponse.SupportedFeatureKey()
                supported.name = feature.name
                supported.minVersion = feature.supported.lowerBound
                supported.maxVersion = feature.supported.upperBound
                response.supportedFeatures.append(supported)
            }
            guard feature.level > 0 else { continue }
            var finalized = ApiVersionsResponse.FinalizedFeatureKey()
            finalized.name = feature.name
            finalized.minVersionLevel = feature.level
            finalized.maxVersionLevel = feature.level
            response.finalizedFeatures.append(finalized)
        }
    }

    /// Bindings of librdkafka give its version after their own, as in `2.0.2-rdkafka-2.0.2`.
    static func misreadsFeatures(_ software: String, _ version: String) -> Bool {
        let own = version.split(separator: "-")
        let number: Substring
        if let position = own.firstIndex(where: { $0 == "rdkafka" || $0 == "librdkafka" }) {
            number = own[position...].dropFirst().first ?? ""
        } else if software.contains("rdkafka") || software.hasPrefix("confluent-kafka") {
            number = own.first ?? ""
        } else {
            return false
        }
        let parts = number.drop { $0 == "v" }.split(separator: ".").map { Int($0) ?? 0 }
        return (parts.first ?? 0, parts.dropFirst().first ?? 0) < (2, 10)
    }

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
    fileprivate var mayNameDisabledFeatures: Bool { apiVersion >= 4 }
}
