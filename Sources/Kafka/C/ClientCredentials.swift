internal import Crdkafka

// What a client logs in with, while it runs.
extension Client {
    /// Lets new connections log in with these (PLAIN and SCRAM); those that are open stay.
    func setCredentials(user: String, password: String) throws(KafkaError) {
        let operation = "setting new SASL credentials"
        guard !user.utf8.contains(0), !password.utf8.contains(0) else {
            throw KafkaError(.invalidArgument, while: operation, reason: "a NUL character is not accepted")
        }
        guard let failure = unsafe rd_kafka_sasl_set_credentials(pointer, user, password) else { return }
        defer { unsafe rd_kafka_error_destroy(failure) }
        throw KafkaError(ErrorCode(failure: unsafe rd_kafka_error_code(failure)) ?? .failed, while: operation)
    }

    /// Answers librdkafka's wish for a token. A failure becomes an error event.
    func setToken(from provider: TokenProvider) {
        do {
            let token = try provider()
            var text = [CChar](repeating: 0, count: 512)
            let code = unsafe rd_kafka_oauthbearer_set_token(
                pointer, token.value, token.expiryMilliseconds, token.principal, nil, 0, &text, text.count)
            if code != RD_KAFKA_RESP_ERR_NO_ERROR {
                _ = unsafe rd_kafka_oauthbearer_set_token_failure(pointer, String(nullTerminated: text))
            }
        } catch {
            _ = unsafe rd_kafka_oauthbearer_set_token_failure(pointer, "\(error)")
        }
    }
}
