enum KafkaSourcePlaceholder {}
