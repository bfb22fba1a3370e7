// DescribeUserScramCredentials (key 50) shows which SCRAM credentials users have (KIP-554).

package struct DescribeUserScramCredentialsRequest: WireStruct {
    package var users: [UserName]?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.nullableArray("Users", &users)
    }

    package struct UserName: WireStruct {
        package var name = ""

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
        }
    }
}

package struct DescribeUserScramCredentialsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var results: [DescribeUserScramCredentialsResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.array("Results", &results)
    }

    package struct DescribeUserScramCredentialsResult: WireStruct {
        package var user = ""
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?
        package var credentialInfos: [CredentialInfo] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("User", &user)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
            w.array("CredentialInfos", &credentialInfos)
        }
    }

    package struct CredentialInfo: WireStruct {
        package var mechanism: Int8 = 0
        package var iterations: Int32 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int8("Mechanism", &mechanism)
            w.int32("Iterations", &iterations)
        }
    }
}
