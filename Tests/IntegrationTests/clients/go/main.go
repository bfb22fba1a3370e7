// What sarama, a client of its own in Go, does against a cluster: one case a run.
//
//	client BOOTSTRAP CASE [ARGUMENT...]
//
// It is built from Debian's sources, without modules: see SaramaTests.swift.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/Shopify/sarama"
)

// Only a guard: a machine may be slow, and may stand still for two minutes.
const deadline = 4 * time.Minute

// What counts between two looks, at most.
const longestStep = 5 * time.Second

var bootstrap []string

var cases = map[string]func(arguments []string){
	"codec": codec, "group": group, "resume": resume, "idempotent": idempotent, "acks": acks, "large": large,
	"topics": topics, "times": times, "transactions": transactions, "admin": admin, "acls": acls,
	"login": login, "refused": refused,
}

func main() {
	bootstrap = strings.Split(os.Args[1], ",")
	cases[os.Args[2]](os.Args[3:])
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func expect(condition bool, what string, values ...interface{}) {
	if !condition {
		panic(fmt.Sprint(what, ": ", values))
	}
}

// A machine that stood still gave nobody the time to make anything happen: what passes between two looks counts up to
// a limit, as in patience.py.
func until(what string, condition func() bool) {
	left, last := deadline, time.Now()
	for !condition() {
		now := time.Now()
		step := now.Sub(last)
		if step > longestStep {
			step = longestStep
		}
		left, last = left-step, now
		expect(left > 0, "not in time", what)
		time.Sleep(10 * time.Millisecond)
	}
}

func configuration() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.MaxVersion
	c.Producer.Return.Successes = true
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.CommitInterval = 100 * time.Millisecond
	c.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	// Members leave by themselves; a machine that stands still for minutes must put out none.
	c.Consumer.Group.Session.Timeout = 5 * time.Minute
	c.Consumer.Group.Rebalance.Timeout = 5 * time.Minute
	c.Metadata.Retry.Backoff = 50 * time.Millisecond
	c.Net.DialTimeout = 10 * time.Minute
	c.Net.ReadTimeout = 10 * time.Minute
	c.Net.WriteTimeout = 10 * time.Minute
	return c
}

func numbered(count int) []*sarama.ProducerMessage {
	messages := make([]*sarama.ProducerMessage, count)
	for i := range messages {
		messages[i] = &sarama.ProducerMessage{Topic: "t", Value: sarama.StringEncoder(strconv.Itoa(i))}
	}
	return messages
}

func send(c *sarama.Config, messages []*sarama.ProducerMessage) {
	producer, err := sarama.NewSyncProducer(bootstrap, c)
	check(err)
	check(producer.SendMessages(messages))
	check(producer.Close())
}

// The first messages of partition 0, from its start.
func read(c *sarama.Config, topic string, count int) []*sarama.ConsumerMessage {
	consumer, err := sarama.NewConsumer(bootstrap, c)
	check(err)
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	check(err)
	messages := []*sarama.ConsumerMessage{}
	for len(messages) < count {
		select {
		case message := <-partition.Messages():
			messages = append(messages, message)
		case <-time.After(10 * time.Minute):
			panic(fmt.Sprint("read ", len(messages), " of ", count))
		}
	}
	check(partition.Close())
	check(consumer.Close())
	return messages
}

var codecs = map[string]sarama.CompressionCodec{
	"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy,
	"lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD,
}

func codec(arguments []string) {
	c := configuration()
	c.Producer.Compression = codecs[arguments[0]]
	messages := numbered(200)
	for i, message := range messages {
		message.Key = sarama.StringEncoder(fmt.Sprint("key ", i))
		message.Value = sarama.StringEncoder(strings.Repeat(fmt.Sprint("value ", i, " "), 20))
		message.Headers = []sarama.RecordHeader{{Key: []byte("h"), Value: []byte{0, 0xFF}}}
	}
	messages = append(messages, &sarama.ProducerMessage{Topic: "t", Key: sarama.StringEncoder("tombstone")})
	producer, err := sarama.NewSyncProducer(bootstrap, c)
	check(err)
	if err := producer.SendMessages(messages); err != nil {
		fmt.Println(err.(sarama.ProducerErrors)[0].Err)
		return
	}
	check(producer.Close())
	got := read(c, "t", 201)
	for i, message := range got[:200] {
		value, _ := messages[i].Value.Encode()
		expect(string(message.Key) == fmt.Sprint("key ", i) && bytes.Equal(message.Value, value), "message", i, message)
		expect(len(message.Headers) == 1 && string(message.Headers[0].Key) == "h", "headers", i)
	}
	expect(got[200].Value == nil && string(got[200].Key) == "tombstone", "a tombstone", got[200])
}

func idempotent(_ []string) {
	c := configuration()
	c.Producer.Idempotent = true
	c.Net.MaxOpenRequests = 1
	messages := numbered(3000)
	send(c, messages)
	for i, message := range read(c, "t", 3000) {
		expect(string(message.Value) == strconv.Itoa(i), "in order", i, string(message.Value))
	}
}

func acks(arguments []string) {
	kinds := map[string]sarama.RequiredAcks{
		"0": sarama.NoResponse, "1": sarama.WaitForLocal, "all": sarama.WaitForAll}
	c := configuration()
	c.Producer.RequiredAcks = kinds[arguments[0]]
	send(c, numbered(10))
	for i, message := range read(c, "t", 10) {
		expect(string(message.Value) == strconv.Itoa(i), "in order", i, string(message.Value))
	}
}

func large(_ []string) {
	c := configuration()
	c.Producer.MaxMessageBytes = 1048588
	value := bytes.Repeat([]byte("0123456789"), 102400)
	send(c, []*sarama.ProducerMessage{{Topic: "t", Value: sarama.ByteEncoder(value)}})
	expect(bytes.Equal(read(c, "t", 1)[0].Value, value), "the value")
}

func times(_ []string) {
	c := configuration()
	for _, second := range []int64{1, 2, 3} {
		at := time.Unix(second, 0)
		send(c, []*sarama.ProducerMessage{{Topic: "t", Value: sarama.StringEncoder("x"), Timestamp: at}})
	}
	client, err := sarama.NewClient(bootstrap, c)
	check(err)
	for asked, offset := range map[int64]int64{1500: 1, 3001: -1, sarama.OffsetNewest: 3, sarama.OffsetOldest: 0} {
		found, err := client.GetOffset("t", 0, asked)
		check(err)
		expect(found == offset, "offset by time", asked, found, offset)
	}
	check(client.Close())
}
