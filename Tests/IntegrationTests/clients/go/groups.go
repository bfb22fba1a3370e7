package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/Shopify/sarama"
)

// A consumer of group g with what it holds and what it has read.
type member struct {
	group    sarama.ConsumerGroup
	cancel   context.CancelFunc
	ended    chan struct{}
	lock     sync.Mutex
	held     []int32
	offsets  []int64
	commitTo int64
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.held = session.Claims()["t"]
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.held = nil
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		m.lock.Lock()
		m.offsets = append(m.offsets, message.Offset)
		m.lock.Unlock()
		if message.Offset < m.commitTo {
			session.MarkMessage(message, "")
		}
	}
	return nil
}

func (m *member) count() int {
	m.lock.Lock()
	defer m.lock.Unlock()
	return len(m.offsets)
}

func join(c *sarama.Config, commitTo int64) *member {
	group, err := sarama.NewConsumerGroup(bootstrap, "g", c)
	check(err)
	ctx, cancel := context.WithCancel(context.Background())
	m := &member{group: group, cancel: cancel, ended: make(chan struct{}), commitTo: commitTo}
	go func() {
		defer close(m.ended)
		for ctx.Err() == nil {
			check(group.Consume(ctx, []string{"t"}, m))
		}
	}()
	return m
}

func (m *member) leave() {
	m.cancel()
	<-m.ended
	check(m.group.Close())
}

// Each member has its share of six partitions, and all have all.
func settle(members []*member) {
	until("sharing out", func() bool {
		all := map[int32]bool{}
		sum := 0
		for _, m := range members {
			m.lock.Lock()
			for _, partition := range m.held {
				all[partition] = true
			}
			size := len(m.held)
			m.lock.Unlock()
			sum += size
			if size < 6/len(members) {
				return false
			}
		}
		return sum == 6 && len(all) == 6
	})
}

func group(arguments []string) {
	c := configuration()
	c.Consumer.Group.Rebalance.Strategy = map[string]sarama.BalanceStrategy{
		"range": sarama.BalanceStrategyRange, "roundrobin": sarama.BalanceStrategyRoundRobin}[arguments[0]]
	members := []*member{}
	for i := 0; i < 3; i++ {
		members = append(members, join(c, 0))
		settle(members)
	}
	members[0].leave()
	members = members[1:]
	settle(members)
	for _, m := range members {
		m.leave()
	}
}

func resume(_ []string) {
	c := configuration()
	send(c, numbered(20))
	first := join(c, 10)
	until("reading 20", func() bool { return first.count() == 20 })
	first.leave()
	second := join(c, 10)
	until("reading the rest", func() bool { return second.count() == 10 })
	time.Sleep(100 * time.Millisecond)
	second.leave()
	expect(fmt.Sprint(second.offsets) == "[10 11 12 13 14 15 16 17 18 19]", "the rest", second.offsets)
}
