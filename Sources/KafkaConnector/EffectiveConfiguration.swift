// What `kafka-connector --print-config` and `--help` print.

package import Connector
import GoDuration
import Kafka

extension SettingCatalog {
    /// See `SettingList.effective`.
    package static func effective(_ settings: Settings) -> String { list.effective(settings) }

    /// Of one setting, of which the older counts where the newer is not set in a layer before.
    static let brokerNames = ["broker_hosts", "broker_host"]

    /// Of two names of one setting, the one that does not count.
    static func overruled(in settings: Settings) -> String? {
        settings.name(among: brokerNames).flatMap { inForce in brokerNames.first { $0 != inForce } }
    }

    /// Where another setting decides what holds if this one is not set.
    static func standard(of name: String, in settings: Settings) -> String? {
        switch name {
        case "log_level": return (try? settings.bool("debug", default: false)) == true ? "debug" : nil
        case "retry_max_wait":
            guard let least = settings.string("retry_min_wait").flatMap(Duration.init(goDuration:)),
                least > RetryPolicy().maxWait
            else { return nil }
            return settings.string("retry_min_wait")
        default: return nil
        }
    }

    package static var help: String {
        """
        Invokes OpenFaaS functions with messages of Kafka topics.

        Usage: kafka-connector [--config FILE] [--print-config] [--SETTING VALUE ...]
               kafka-connector explain --function NAME --topic TOPIC [--SETTING VALUE ...]
               kafka-connector dry-run [--from BOUND] [--to BOUND] [--SETTING VALUE ...]
               kafka-connector --version

        explain says why a function is bound to a topic or not, and ends with status 0 or 3.
        dry-run says which functions the records from one bound up to another would lead to. It calls none, commits
        nothing and joins no group. A bound is an offset of each partition, a time (2026-01-31T12:00:00Z, or 90m
        for as long ago), oldest or newest.

        A setting is a flag, an environment variable (with underscores) or a key of the YAML file; the first wins.
        Any property of librdkafka: --kafka.NAME VALUE.

        \(list.flags)
        """
    }

    /// Whether a setting holds what nobody may read: librdkafka's passwords, keys and the like.
    static func isSecret(_ name: String) -> Bool {
        name.hasPrefix(propertyPrefix) && Kafka.Configuration.isSecret(name)
    }
}
