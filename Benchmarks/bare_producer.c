// The least that produces to Kafka by librdkafka: what load-producer is measured beside. Prints messages a second,
// from the first call to the last acknowledgement.
//
//   bare_producer BROKERS TOPIC MESSAGES BYTES

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

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: bare_producer BROKERS TOPIC MESSAGES BYTES\n");
        return 2;
    }
    long messages = atol(arguments[3]);
    size_t size = (size_t)atol(arguments[4]);
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
    double start = seconds();
    for (long number = 0; number < messages; number++) {
        while (rd_kafka_produce(
                   topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, payload, size, NULL, 0, NULL) != 0) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) return 1;
            rd_kafka_poll(client, 10);
        }
        rd_kafka_poll(client, 0);
    }
    while (acknowledged + failed < messages) rd_kafka_poll(client, 100);
    printf("%.0f\n", (double)acknowledged / (seconds() - start));
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    free(payload);
    return failed > 0;
}
