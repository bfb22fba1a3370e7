internal import KafkaProtocol

// DescribeUserScramCredentials (key 50): which SCRAM mechanisms users have, and how many iterations; never a key.

extension Cluster {
    mutating func describeUserScramCredentials(
        _ request: DescribeUserScramCredentialsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeUserScramCredentialsResponse()
        let asked = request.users?.map(\.name) ?? []
        // No list and an empty one both ask for everybody.
        response.results = (asked.isEmpty ? security.credentials.scramUsers : asked.uniqued()).map { user in
            var result = DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult()
            result.user = user
            if asked.count(where: { $0 == user }) > 1 {
                result.errorCode = .duplicateResource
                result.errorMessage =
                    "Cannot describe SCRAM credentials for the same user twice in a single request: \(user)"
                return result
            }
            result.credentialInfos = security.credentials.scramCredentials(of: user).map { credential in
                var info = DescribeUserScramCredentialsResponse.CredentialInfo()
                info.mechanism = credential.mechanism.wireNumber
                info.iterations = Int32(credential.iterations)
                return info
            }
            if result.credentialInfos.isEmpty {
                result.errorCode = .resourceNotFound
                result.errorMessage = "Attempt to describe a user credential that does not exist: \(user)"
            }
            return result
        }
        let firstError = response.results.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .describeUserScramCredentials(response), error: firstError, effects: &effects)
    }
}

extension [String] {
    /// Each text once, where it stood first.
    func uniqued() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}

extension DescribeUserScramCredentialsResponse {
    init(refusing request: DescribeUserScramCredentialsRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
    }
}
