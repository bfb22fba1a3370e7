package main

import (
	"time"

	"github.com/Shopify/sarama"
)

// This sarama has no transactional producer; it has the requests of one, and a reader of committed records.
func transactions(_ []string) {
	c := configuration()
	client, err := sarama.NewClient(bootstrap, c)
	check(err)
	id := "mover"
	found, err := client.Controller()
	check(err)
	lookup, err := found.FindCoordinator(&sarama.FindCoordinatorRequest{
		Version: 1, CoordinatorKey: id, CoordinatorType: sarama.CoordinatorTransaction})
	check(err)
	coordinator := lookup.Coordinator
	check(coordinator.Open(c))
	started, err := coordinator.InitProducerID(&sarama.InitProducerIDRequest{
		TransactionalID: &id, TransactionTimeout: 10 * time.Minute})
	check(err)
	expect(started.Err == sarama.ErrNoError, "InitProducerId", started.Err)

	sequence := int32(0)
	write := func(values []string, commits bool) {
		added, err := coordinator.AddPartitionsToTxn(&sarama.AddPartitionsToTxnRequest{
			TransactionalID: id, ProducerID: started.ProducerID, ProducerEpoch: started.ProducerEpoch,
			TopicPartitions: map[string][]int32{"t": {0}}})
		check(err)
		expect(added.Errors["t"][0].Err == sarama.ErrNoError, "AddPartitionsToTxn", added.Errors["t"][0].Err)
		leader, err := client.Leader("t", 0)
		check(err)
		batch := &sarama.RecordBatch{
			Version: 2, ProducerID: started.ProducerID, ProducerEpoch: started.ProducerEpoch, FirstSequence: sequence,
			IsTransactional: true, FirstTimestamp: time.Unix(1, 0), MaxTimestamp: time.Unix(1, 0),
			LastOffsetDelta: int32(len(values) - 1)}
		for i, value := range values {
			batch.Records = append(batch.Records, &sarama.Record{OffsetDelta: int64(i), Value: []byte(value)})
		}
		sequence += int32(len(values))
		request := &sarama.ProduceRequest{
			TransactionalID: &id, RequiredAcks: sarama.WaitForAll, Timeout: 240000, Version: 3}
		request.AddBatch("t", 0, batch)
		produced, err := leader.Produce(request)
		check(err)
		expect(produced.GetBlock("t", 0).Err == sarama.ErrNoError, "Produce", produced.GetBlock("t", 0).Err)
		ended, err := coordinator.EndTxn(&sarama.EndTxnRequest{
			TransactionalID: id, ProducerID: started.ProducerID, ProducerEpoch: started.ProducerEpoch,
			TransactionResult: commits})
		check(err)
		expect(ended.Err == sarama.ErrNoError, "EndTxn", ended.Err)
	}
	write([]string{"a", "b"}, true)
	write([]string{"c"}, false)
	write([]string{"d"}, true)

	text := func(level sarama.IsolationLevel, count int) (text string) {
		c := configuration()
		c.Consumer.IsolationLevel = level
		for _, message := range read(c, "t", count) {
			text += string(message.Value)
		}
		return text
	}
	committed, all := text(sarama.ReadCommitted, 3), text(sarama.ReadUncommitted, 4)
	expect(committed == "abd" && all == "abcd", "read", committed, all)
}
