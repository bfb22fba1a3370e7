// The least that produces to Kafka by librdkafka: what load-producer is measured beside. Prints messages a second,
// from the first call to the last acknowledgement.
//
//   bare_producer BROKERS TOPIC MESSAGES BYTES [HEADER]
//
// With HEADER, each message has a header with a value of so many bytes, as load-producer's has for `verify`.

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long acknowledged = 0;
static long failed = 0;

static void delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    (void)client;
    (void)opaque;
    if (message->err) {
        failed++;
    } else {
        acknowledged++;
    }
}

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void set(rd_kafka_conf_t *configuration, const char *name, const char *value) {
    char text[512];
    if (rd_kafka_conf_set(configuration, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "%s\n", text);
        exit(2);
    }
}

static rd_kafka_resp_err_t produce(
    rd_kafka_t *client, rd_kafka_topic_t *topic, void *payload, size_t size, const void *header, size_t header_size) {
    if (header_size > 0) {
        return rd_kafka_producev(
            client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(payload, size),
            RD_KAFKA_V_HEADER("Load-Record", header, header_size), RD_KAFKA_V_END);
    }
    int result = rd_kafka_produce(
        topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, payload, size, NULL, 0, NULL);
    return result == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
}

int main(int count, char **arguments) {
    if (count != 5 && count != 6) {
        fprintf(stderr, "usage: bare_producer BROKERS TOPIC MESSAGES BYTES [HEADER]\n");
        return 2;
    }
    long messages = atol(arguments[3]);
    size_t size = (size_t)atol(arguments[4]);
    size_t header_size = count == 6 ? (size_t)atol(arguments[5]) : 0;
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    set(configuration, "bootstrap.servers", arguments[1]);
    set(configuration, "acks", "all");
    rd_kafka_conf_set_dr_msg_cb(configuration, delivered);
    char text[512];
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, text, sizeof text);
    if (!client) {
        fprintf(stderr, "%s\n", text);
        return 2;
    }
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, arguments[2], NULL);
    char *payload = malloc(size);
    memset(payload, 'x', size);
    char *header = malloc(header_size + 1);
    memset(header, 'h', header_size + 1);
    // As load-producer does: connected, and the topic known, before the time runs.
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(client, 0, topic, &metadata, 10000) != RD_KAFKA_RESP_ERR_NO_ERROR) return 2;
    rd_kafka_metadata_destroy(metadata);
    double start = seconds();
    for (long number = 0; number < messages; number++) {
        rd_kafka_resp_err_t error;
        while ((error = produce(client, topic, payload, size, header, header_size)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) return 1;
            rd_kafka_poll(client, 10);
        }
        rd_kafka_poll(client, 0);
    }
    while (acknowledged + failed < messages) rd_kafka_poll(client, 100);
    printf("%.0f\n", (double)acknowledged / (seconds() - start));
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    free(payload);
    free(header);
    return failed > 0;
}
