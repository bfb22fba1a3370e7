package import NIOCore

// AlterUserScramCredentials (key 51) sets or deletes SCRAM credentials (KIP-554).

package struct AlterUserScramCredentialsRequest: WireStruct {
    package var deletions: [ScramCredentialDeletion] = []
    package var upsertions: [ScramCredentialUpsertion] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Deletions", &deletions)
        w.array("Upsertions", &upsertions)
    }

    package struct ScramCredentialDeletion: WireStruct {
        package var name = ""
        package var mechanism: Int8 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.int8("Mechanism", &mechanism)
        }
    }

    package struct ScramCredentialUpsertion: WireStruct {
        package var name = ""
        package var mechanism: Int8 = 0
        package var iterations: Int32 = 0
        package var salt = ByteBuffer()
        package var saltedPassword = ByteBuffer()

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.int8("Mechanism", &mechanism)
            w.int32("Iterations", &iterations)
            w.bytes("Salt", &salt)
            w.bytes("SaltedPassword", &saltedPassword)
        }
    }
}

package struct AlterUserScramCredentialsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var results: [AlterUserScramCredentialsResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Results", &results)
    }

    package struct AlterUserScramCredentialsResult: WireStruct {
        package var user = ""
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("User", &user)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }
}
