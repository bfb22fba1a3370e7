internal import Logging

extension Logger.Level {
    /// librdkafka speaks syslog: 0 emergency to 7 debug.
    init(syslog level: Int) {
        self =
            switch level {
            case ...2: .critical
            case 3: .error
            case 4: .warning
            case 5: .notice
            case 6: .info
            default: .debug
            }
    }

    /// The least severe syslog level that this one lets through.
    var syslog: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

extension Logger {
    /// Failures of connections come as events too; as log lines they would be told twice. That a consumer ignores
    /// `retry.backoff.ms` is not so: librdkafka repeats any request by it (`rd_kafka_buf_retry`).
    func librdkafka(_ level: Int, _ facility: String, _ text: String) {
        let isNoNews = facility == "FAIL" || facility == "CONFWARN" && text.contains("property retry.backoff.ms")
        log(
            level: isNoNews ? .debug : Level(syslog: level), "librdkafka: \(text)",
            metadata: ["facility": "\(facility)"])
    }
}
