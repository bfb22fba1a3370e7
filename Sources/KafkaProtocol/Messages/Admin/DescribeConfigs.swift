// DescribeConfigs (key 32) shows the settings of topics, brokers and groups.
//
// v0 says only whether a value is the default; v1 where it comes from and its synonyms (KIP-226); v3 type and
// documentation (KIP-569); v4 flexible.

package struct DescribeConfigsRequest: WireStruct {
    package var resources: [DescribeConfigsResource] = []
    package var includeSynonyms = false
    package var includeDocumentation = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Resources", &resources)
        w.bool("IncludeSynonyms", &includeSynonyms, since: 1)
        w.bool("IncludeDocumentation", &includeDocumentation, since: 3)
    }

    package struct DescribeConfigsResource: WireStruct {
        package var resourceType: Int8 = 0
        package var resourceName = ""
        package var configurationKeys: [String]?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int8("ResourceType", &resourceType)
            w.string("ResourceName", &resourceName)
            w.nullableArray("ConfigurationKeys", &configurationKeys)
        }
    }
}

package struct DescribeConfigsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var results: [DescribeConfigsResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Results", &results)
    }

    package struct DescribeConfigsResult: WireStruct {
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?
        package var resourceType: Int8 = 0
        package var resourceName = ""
        package var configs: [DescribeConfigsResourceResult] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
            w.int8("ResourceType", &resourceType)
            w.string("ResourceName", &resourceName)
            w.array("Configs", &configs)
        }
    }

    package struct DescribeConfigsResourceResult: WireStruct {
        package var name = ""
        package var value: String?
        package var readOnly = false
        package var configSource: Int8 = -1
        package var isDefault = false
        package var isSensitive = false
        package var synonyms: [DescribeConfigsSynonym] = []
        package var configType: Int8 = 0
        package var documentation: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.nullableString("Value", &value)
            w.bool("ReadOnly", &readOnly)
            w.int8("ConfigSource", &configSource, since: 1)
            w.bool("IsDefault", &isDefault, through: 0)
            w.bool("IsSensitive", &isSensitive)
            w.array("Synonyms", &synonyms, since: 1)
            w.int8("ConfigType", &configType, since: 3)
            w.nullableString("Documentation", &documentation, since: 3)
        }
    }

    package struct DescribeConfigsSynonym: WireStruct {
        package var name = ""
        package var value: String?
        package var source: Int8 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.nullableString("Value", &value)
            w.int8("Source", &source)
        }
    }
}
