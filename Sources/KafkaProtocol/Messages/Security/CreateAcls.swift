// CreateAcls (key 30) adds access rules.
//
// v1 pattern types (KIP-290); v2 flexible; v3 users as resources (KIP-373).

package struct CreateAclsRequest: WireStruct {
    package var creations: [AclCreation] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Creations", &creations)
    }

    package struct AclCreation: WireStruct {
        package var resourceType: Int8 = 0
        package var resourceName = ""
        package var resourcePatternType: Int8 = 3
        package var principal = ""
        package var host = ""
        package var operation: Int8 = 0
        package var permissionType: Int8 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int8("ResourceType", &resourceType)
            w.string("ResourceName", &resourceName)
            w.int8("ResourcePatternType", &resourcePatternType, since: 1)
            w.string("Principal", &principal)
            w.string("Host", &host)
            w.int8("Operation", &operation)
            w.int8("PermissionType", &permissionType)
        }
    }
}

package struct CreateAclsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var results: [AclCreationResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Results", &results)
    }

    package struct AclCreationResult: WireStruct {
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }
}
