internal import KafkaProtocol

// IncrementalAlterConfigs (key 44): single settings are set, deleted, or, being lists, extended and shortened.

extension Cluster {
    mutating func incrementalAlterConfigs(
        _ request: IncrementalAlterConfigsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = IncrementalAlterConfigsResponse()
        for asked in request.resources {
            var answer = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
            answer.resourceType = asked.resourceType
            answer.resourceName = asked.resourceName
            do throws(ConfigRefusal) {
                let type = try configResource(asked.resourceType, asked.resourceName, .alterConfigs, context)
                let changes = try asked.configs.map { config throws(ConfigRefusal) in try ConfigChange(config) }
                try changeConfigs(
                    type, asked.resourceName, changes, replacing: false, validateOnly: request.validateOnly)
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            response.responses.append(answer)
        }
        let firstError = response.responses.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .incrementalAlterConfigs(response), error: firstError, effects: &effects)
    }
}

extension ConfigChange {
    fileprivate init(_ config: IncrementalAlterConfigsRequest.AlterableConfig) throws(ConfigRefusal) {
        guard let operation = Operation(rawValue: config.configOperation) else {
            throw ConfigRefusal(
                code: .invalidRequest,
                message: "Operation \(config.configOperation) is not known; accepted are 0 (set), 1 (delete), "
                    + "2 (append) and 3 (subtract).")
        }
        guard operation == .delete || config.value != nil else {
            throw ConfigRefusal(
                code: .invalidRequest, message: "Null value not supported for: \(config.name.prefix(200))")
        }
        self.init(name: config.name, operation: operation, value: config.value)
    }
}

extension IncrementalAlterConfigsResponse {
    init(refusing request: IncrementalAlterConfigsRequest, with error: ErrorCode) {
        self.init()
        responses = request.resources.map { resource in
            var answer = AlterConfigsResourceResponse()
            answer.resourceType = resource.resourceType
            answer.resourceName = resource.resourceName
            answer.errorCode = error
            return answer
        }
    }
}
