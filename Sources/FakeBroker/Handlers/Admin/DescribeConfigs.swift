internal import KafkaProtocol

// DescribeConfigs (key 32): the settings of topics, brokers, groups and client metrics, with where they come from.

extension Cluster {
    mutating func describeConfigs(
        _ request: DescribeConfigsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeConfigsResponse()
        for asked in request.resources {
            var answer = DescribeConfigsResponse.DescribeConfigsResult()
            answer.resourceType = asked.resourceType
            answer.resourceName = asked.resourceName
            do throws(ConfigRefusal) {
                let type = try configResource(asked.resourceType, asked.resourceName, .describeConfigs, context)
                let keys = asked.configurationKeys.map { Set($0) }
                answer.configs = configEntries(type, asked.resourceName)
                    .filter { keys?.contains($0.definition.name) ?? true }
                    .map { .init($0, request) }
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            response.results.append(answer)
        }
        let firstError = response.results.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .describeConfigs(response), error: firstError, effects: &effects)
    }
}

extension DescribeConfigsResponse.DescribeConfigsResourceResult {
    fileprivate init(_ entry: ConfigEntry, _ request: DescribeConfigsRequest) {
        self.init()
        name = entry.definition.name
        value = entry.value
        readOnly = entry.isReadOnly
        configSource = entry.source.rawValue
        isDefault = entry.source == .kafka
        configType = entry.definition.kind.rawValue
        if request.includeSynonyms {
            synonyms = entry.synonyms.map { synonym in
                var told = DescribeConfigsResponse.DescribeConfigsSynonym()
                told.name = synonym.name
                told.value = synonym.value
                told.source = synonym.source.rawValue
                return told
            }
        }
        if request.includeDocumentation {
            documentation = "See '\(entry.definition.name)' in Kafka's documentation."
        }
    }
}

extension DescribeConfigsResponse {
    init(refusing request: DescribeConfigsRequest, with error: ErrorCode) {
        self.init()
        results = request.resources.map { resource in
            var answer = DescribeConfigsResult()
            answer.resourceType = resource.resourceType
            answer.resourceName = resource.resourceName
            answer.errorCode = error
            return answer
        }
    }
}
