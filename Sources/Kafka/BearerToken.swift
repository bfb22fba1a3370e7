/// What a client logs in with by OAUTHBEARER.
package struct BearerToken: Sendable {
    package let value: String
    /// The user that the token is for.
    package let principal: String
    /// Until when it is good; librdkafka asks for another one some time before.
    package let expiryMilliseconds: Int64

    package init(_ value: String, principal: String, expiryMilliseconds: Int64) {
        self.value = value
        self.principal = principal
        self.expiryMilliseconds = expiryMilliseconds
    }
}

/// Gives the token of now. Called on the client's thread each time librdkafka wants one; what it throws is told as the
/// reason, and librdkafka asks again in some seconds.
package typealias TokenProvider = @Sendable () throws -> BearerToken
