internal import KafkaProtocol
internal import NIOCore

// AlterUserScramCredentials (key 51): sets or removes SCRAM credentials (KIP-554).
//
// The client has salted and hashed the password, so it does not travel. A user whose changes are not all good keeps
// what it had.

extension Cluster {
    mutating func alterUserScramCredentials(
        _ request: AlterUserScramCredentialsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = AlterUserScramCredentialsResponse()
        for user in request.users {
            var result = AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult()
            result.user = user
            if let refusal = refusal(of: user, in: request) {
                result.errorCode = refusal.code
                result.errorMessage = refusal.message
            } else {
                apply(request, to: user)
            }
            response.results.append(result)
        }
        let firstError = response.results.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .alterUserScramCredentials(response), error: firstError, effects: &effects)
    }

    private func refusal(
        of user: String, in request: AlterUserScramCredentialsRequest
    ) -> (code: ErrorCode, message: String)? {
        let deletions = request.deletions.filter { $0.name == user }
        let upsertions = request.upsertions.filter { $0.name == user }
        guard !user.isEmpty else { return (.unacceptableCredential, "Username must not be empty") }
        let mechanisms = deletions.map(\.mechanism) + upsertions.map(\.mechanism)
        guard mechanisms.allSatisfy({ ScramMechanism(wireNumber: $0) != nil }) else {
            return (.unsupportedSaslMechanism, "Unknown SCRAM mechanism")
        }
        guard Set(mechanisms).count == mechanisms.count else {
            return (
                .duplicateResource,
                "A user credential cannot be altered twice in the same request"
            )
        }
        for upsertion in upsertions {
            let accepted = ScramCredential.iterationsAccepted
            guard accepted.contains(Int(upsertion.iterations)) else {
                return (
                    .unacceptableCredential,
                    "\(upsertion.iterations) iterations; \(accepted.lowerBound) to \(accepted.upperBound) are accepted"
                )
            }
            guard upsertion.salt.readableBytes > 0 else { return (.unacceptableCredential, "Empty salt") }
            let expected = ScramMechanism(wireNumber: upsertion.mechanism)?.byteCount ?? 0
            guard upsertion.saltedPassword.readableBytes == expected else {
                return (.unacceptableCredential, "The salted password has not \(expected) bytes")
            }
        }
        let isNew = security.credentials.scramCredentials(of: user).isEmpty
        if isNew, security.credentials.scramUsers.count >= settings.limits.scramUsers {
            return (.policyViolation, "The cluster has \(settings.limits.scramUsers) SCRAM users, its limit")
        }
        for deletion in deletions {
            let held = security.credentials.scramCredentials(of: user)
            guard held.contains(where: { $0.mechanism.wireNumber == deletion.mechanism }) else {
                return (.resourceNotFound, "Attempt to delete a user credential that does not exist")
            }
        }
        return nil
    }

    private mutating func apply(_ request: AlterUserScramCredentialsRequest, to user: String) {
        for deletion in request.deletions where deletion.name == user {
            guard let mechanism = ScramMechanism(wireNumber: deletion.mechanism) else { continue }
            security.credentials.removeScram(mechanism, of: user)
        }
        for upsertion in request.upsertions where upsertion.name == user {
            guard let mechanism = ScramMechanism(wireNumber: upsertion.mechanism) else { continue }
            security.credentials.setScram(
                ScramCredential(
                    mechanism, saltedPassword: Secret(Array(upsertion.saltedPassword.readableBytesView)),
                    salt: Array(upsertion.salt.readableBytesView), iterations: Int(upsertion.iterations)),
                of: user)
        }
    }
}

extension AlterUserScramCredentialsRequest {
    /// Each once, in the order in which they are named.
    fileprivate var users: [String] { (deletions.map(\.name) + upsertions.map(\.name)).uniqued() }
}

extension AlterUserScramCredentialsResponse {
    init(refusing request: AlterUserScramCredentialsRequest, with error: ErrorCode) {
        self.init()
        results = request.users.map { user in
            var result = AlterUserScramCredentialsResult()
            result.user = user
            result.errorCode = error
            return result
        }
    }
}
