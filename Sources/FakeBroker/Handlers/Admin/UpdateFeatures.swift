internal import KafkaProtocol

// UpdateFeatures (key 57): all of the updates, or none.

extension Cluster {
    mutating func updateFeatures(
        _ request: UpdateFeaturesRequest, _ context: RequestContext, effects: inout Effects
    ) {
        let problems = request.featureUpdates.map { update -> String? in
            let mayDowngrade = update.allowDowngrade || update.upgradeType == 2 || update.upgradeType == 3
            if request.featureUpdates.count(where: { $0.feature == update.feature }) > 1 {
                return "Feature '\(update.feature.prefix(100))' is named more than once."
            }
            return features.problem(update.feature, level: update.maxVersionLevel, mayDowngrade: mayDowngrade)
        }
        let error: ErrorCode = problems.contains { $0 != nil } ? .invalidUpdateVersion : .none
        if error == .none, !request.validateOnly {
            for update in request.featureUpdates { features.set(update.feature, to: update.maxVersionLevel) }
        }
        var response = UpdateFeaturesResponse()
        if context.tellsFeaturesApart {
            response.results = zip(request.featureUpdates, problems).map { update, problem in
                var result = UpdateFeaturesResponse.UpdatableFeatureResult()
                result.feature = update.feature
                result.errorCode = problem == nil ? .none : .invalidUpdateVersion
                result.errorMessage = problem
                return result
            }
        } else {
            response.errorCode = error
            response.errorMessage = problems.compactMap { $0 }.first
        }
        reply(to: context, .updateFeatures(response), error: error, effects: &effects)
    }
}

extension RequestContext {
    /// Version 2 says one thing of all.
    fileprivate var tellsFeaturesApart: Bool { apiVersion <= 1 }
}

extension UpdateFeaturesResponse {
    init(refusing request: UpdateFeaturesRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
        results = request.featureUpdates.map { update in
            var result = UpdatableFeatureResult()
            result.feature = update.feature
            result.errorCode = error
            return result
        }
    }
}
