package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"github.com/Shopify/sarama"
)

func administrator(c *sarama.Config) sarama.ClusterAdmin {
	a, err := sarama.NewClusterAdmin(bootstrap, c)
	check(err)
	return a
}

func topics(_ []string) {
	a := administrator(configuration())
	check(a.CreateTopic("a", &sarama.TopicDetail{NumPartitions: 3, ReplicationFactor: 3}, false))
	check(a.CreateTopic("b", &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false))
	listed, err := a.ListTopics()
	check(err)
	expect(listed["a"].NumPartitions == 3 && listed["b"].NumPartitions == 1, "listed", listed)
	again := a.CreateTopic("a", &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false)
	expect(again != nil && again.(*sarama.TopicError).Err == sarama.ErrTopicAlreadyExists, "a second", again)
	check(a.DeleteTopic("a"))
	check(a.DeleteTopic("b"))
	left, err := a.ListTopics()
	check(err)
	expect(len(left) == 0, "left", left)
	check(a.Close())
}

// Every call of ClusterAdmin but those of access rules: what it saw, by case.
func admin(_ []string) {
	c := configuration()
	send(c, numbered(3))
	m := join(c, 2)
	until("reading", func() bool { return m.count() == 3 })
	a := administrator(c)
	seen := map[string]interface{}{}

	// It asks in the oldest version, in which no controller is told.
	brokers, _, err := a.DescribeCluster()
	check(err)
	seen["DescribeCluster"] = len(brokers)

	value := "1000"
	detail := &sarama.TopicDetail{
		NumPartitions: 2, ReplicationFactor: 2, ConfigEntries: map[string]*string{"retention.ms": &value}}
	dry := a.CreateTopic("dry", detail, true)
	check(a.CreateTopic("fresh", detail, false))
	seen["CreateTopic"] = []interface{}{
		dry == nil, a.CreateTopic("fresh", detail, false).(*sarama.TopicError).Err}
	check(a.CreatePartitions("fresh", 4, nil, false))
	fewer := a.CreatePartitions("fresh", 2, nil, false)
	seen["CreatePartitions"] = fewer.(*sarama.TopicPartitionError).Err == sarama.ErrInvalidPartitions
	listed, err := a.ListTopics()
	check(err)
	names := []string{}
	for name, topic := range listed {
		names = append(names, fmt.Sprint(name, " ", topic.NumPartitions, " ", topic.ReplicationFactor))
	}
	sort.Strings(names)
	seen["ListTopics"] = names
	described, err := a.DescribeTopics([]string{"fresh"})
	check(err)
	seen["DescribeTopics"] = len(described[0].Partitions)

	setting := func(name string) string {
		entries, err := a.DescribeConfig(sarama.ConfigResource{
			Type: sarama.TopicResource, Name: "fresh", ConfigNames: []string{name}})
		check(err)
		return entries[0].Value
	}
	seen["DescribeConfig"] = []string{setting("retention.ms"), setting("cleanup.policy")}
	other := "1048576"
	check(a.AlterConfig(sarama.TopicResource, "fresh", map[string]*string{"segment.bytes": &other}, false))
	seen["AlterConfig"] = []string{setting("retention.ms"), setting("segment.bytes")}

	// It asks the controller, and tells no error of a partition.
	check(a.DeleteRecords("t", map[int32]int64{0: 1}))
	client, err := sarama.NewClient(bootstrap, c)
	check(err)
	start, err := client.GetOffset("t", 0, sarama.OffsetOldest)
	check(err)
	seen["DeleteRecords"] = start

	groups, err := a.ListConsumerGroups()
	check(err)
	seen["ListConsumerGroups"] = groups
	about, err := a.DescribeConsumerGroups([]string{"g"})
	check(err)
	seen["DescribeConsumerGroups"] = []interface{}{about[0].State, about[0].Protocol, len(about[0].Members)}
	until("the commit", func() bool {
		offsets, err := a.ListConsumerGroupOffsets("g", map[string][]int32{"t": {0}})
		check(err)
		seen["ListConsumerGroupOffsets"] = offsets.GetBlock("t", 0).Offset
		return offsets.GetBlock("t", 0).Offset == 2
	})
	m.leave()
	coordinator, err := client.Coordinator("g")
	check(err)
	request := &sarama.DeleteGroupsRequest{}
	request.AddGroup("g")
	deleted, err := coordinator.DeleteGroups(request)
	check(err)
	seen["DeleteGroups"] = deleted.GroupErrorCodes["g"] == sarama.ErrNoError

	check(a.DeleteTopic("fresh"))
	left, err := a.ListTopics()
	check(err)
	seen["DeleteTopic"] = len(left)
	check(a.Close())
	check(client.Close())
	check(json.NewEncoder(os.Stdout).Encode(seen))
}

func acls(arguments []string) {
	a := administrator(secure(arguments))
	check(a.CreateACL(
		sarama.Resource{
			ResourceType: sarama.AclResourceTopic, ResourceName: "t", ResoucePatternType: sarama.AclPatternLiteral},
		sarama.Acl{
			Principal: "User:bob", Host: "*", Operation: sarama.AclOperationRead,
			PermissionType: sarama.AclPermissionAllow}))
	filter := sarama.AclFilter{
		Version: 1, ResourceType: sarama.AclResourceAny, ResourcePatternTypeFilter: sarama.AclPatternAny,
		Operation: sarama.AclOperationAny, PermissionType: sarama.AclPermissionAny}
	listed, err := a.ListAcls(filter)
	check(err)
	expect(
		len(listed) == 1 && listed[0].ResourceName == "t" && listed[0].Acls[0].Principal == "User:bob", "listed", listed)
	deleted, err := a.DeleteACL(filter, false)
	check(err)
	expect(len(deleted) == 1 && deleted[0].Principal == "User:bob", "deleted", deleted)
	left, err := a.ListAcls(filter)
	check(err)
	expect(len(left) == 0, "left", left)
	check(a.Close())
}
