// DescribeAcls (key 29) shows the access rules that match a filter.
//
// v1 pattern types (KIP-290); v2 flexible; v3 users as resources (KIP-373).

package struct DescribeAclsRequest: WireStruct {
    package var resourceTypeFilter: Int8 = 0
    package var resourceNameFilter: String?
    package var patternTypeFilter: Int8 = 3
    package var principalFilter: String?
    package var hostFilter: String?
    package var operation: Int8 = 0
    package var permissionType: Int8 = 0

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int8("ResourceTypeFilter", &resourceTypeFilter)
        w.nullableString("ResourceNameFilter", &resourceNameFilter)
        w.int8("PatternTypeFilter", &patternTypeFilter, since: 1)
        w.nullableString("PrincipalFilter", &principalFilter)
        w.nullableString("HostFilter", &hostFilter)
        w.int8("Operation", &operation)
        w.int8("PermissionType", &permissionType)
    }
}

package struct DescribeAclsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var resources: [DescribeAclsResource] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.array("Resources", &resources)
    }

    package struct DescribeAclsResource: WireStruct {
        package var resourceType: Int8 = 0
        package var resourceName = ""
        package var patternType: Int8 = 3
        package var acls: [AclDescription] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int8("ResourceType", &resourceType)
            w.string("ResourceName", &resourceName)
            w.int8("PatternType", &patternType, since: 1)
            w.array("Acls", &acls)
        }
    }

    package struct AclDescription: WireStruct {
        package var principal = ""
        package var host = ""
        package var operation: Int8 = 0
        package var permissionType: Int8 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Principal", &principal)
            w.string("Host", &host)
            w.int8("Operation", &operation)
            w.int8("PermissionType", &permissionType)
        }
    }
}
