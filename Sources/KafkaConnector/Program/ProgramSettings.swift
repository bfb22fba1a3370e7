import Connector
import OpenFaaSGateway

/// What every connector is told, whatever its source.
struct ProgramSettings {
    let connector: ConnectorConfiguration
    let gateway: OpenFaaSGatewayConfiguration
    let log: LogSettings
    /// Where to answer probes and Prometheus; `nil`: nowhere.
    let status: StatusAddress?
    let metricsDetail: Metrics.Detail

    /// - Throws: For the first setting that cannot be used.
    init(_ settings: Settings) throws(SettingError) {
        connector = try ConnectorConfiguration(settings)
        var gateway = try OpenFaaSGatewayConfiguration(settings)
        log = try LogSettings(settings)
        gateway.keepsCallIDs = log.encoding == .json
        self.gateway = gateway
        status = try StatusAddress.read(settings)
        metricsDetail = try settings.choice("metrics_detail", default: .full)
    }
}
