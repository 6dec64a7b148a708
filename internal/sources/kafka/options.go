package kafka

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/kafka"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/javaregexp"
)

// Options are the options of a source, checked.
type Options struct {
	topics    []string           // subscribe
	pattern   *javaregexp.Regexp // subscribePattern
	assigned  []partitionID      // assign
	selection string             // as Spark's progress names it

	start        startingPoint
	failOnLoss   bool
	most, least  int64 // offsets per batch; 0: no limit
	longestDelay time.Duration
	tasks        int   // minPartitions
	perTask      int64 // maxRecordsPerPartition
	headers      bool
	patience     time.Duration // kafkaConsumer.pollTimeoutMs
	retries      int
	retryAfter   time.Duration
	client       kafka.Client
}

// A startingPoint says where a query without a checkpoint begins.
type startingPoint struct {
	at        int64     // earliest or latest, unless one of the others is given
	offsets   positions // startingOffsets in JSON; earliest and latest are possible
	timestamp *int64    // startingTimestamp, in milliseconds
	times     positions // startingOffsetsByTimestamp, in milliseconds
	orLatest  bool      // startingOffsetsByTimestampStrategy
}

// Offsets that stand for the ends of a partition.
const (
	latest   = -1
	earliest = -2
)

// The names of options that are used in several places.
const (
	optSubscribe = "subscribe"
	optPattern   = "subscribePattern"
	optAssign    = "assign"
	optOffsets   = "startingOffsets"
	optTimestamp = "startingTimestamp"
	optTimes     = "startingOffsetsByTimestamp"
	optStrategy  = "startingOffsetsByTimestampStrategy"
)

var specs = []job.OptionSpec{
	{Name: optSubscribe, Doc: "topics, separated by commas", Kind: option.Text("any text, as names of topics, such as clicks,views")},
	{Name: optPattern, Doc: "topics whose names match", Kind: option.Text("a regular expression of Java")},
	{Name: optAssign, Doc: "partitions of topics", Kind: option.Text(`JSON such as {"clicks":[0,1]}`)},
	{Name: optOffsets, Doc: "where a query without a checkpoint begins: earliest, latest, or an offset for each partition", Default: "latest",
		Kind: option.Text(`earliest, latest or JSON such as {"clicks":{"0":23,"1":-2}}, where -1 is latest and -2 earliest`), Incidental: true},
	{Name: optTimestamp, Doc: "begin with the first records from this time on", Kind: kafka.Millis, Incidental: true},
	{Name: optTimes, Doc: "begin with the first records from a time on, for each partition", Kind: option.Text(`JSON such as {"clicks":{"0":1767225600000}}`), Incidental: true},
	{Name: optStrategy, Doc: "if no record is that young: error or latest", Kind: option.OneOf("error", "latest"), Default: "error", Incidental: true},
	{Name: "failOnDataLoss", Doc: "fail if records are gone before they were read", Kind: option.Bool, Default: "true"},
	{Name: "maxOffsetsPerTrigger", Doc: "most offsets per batch, shared among partitions by what waits in them", Kind: sources.AtLeastOne, Incidental: true},
	{Name: "minOffsetsPerTrigger", Doc: "run no batch while fewer offsets wait", Kind: sources.AtLeastOne, Incidental: true},
	{Name: "maxTriggerDelay", Doc: "run a batch after this time although fewer than minOffsetsPerTrigger wait", Kind: sources.Age, Default: "15m", Incidental: true},
	{Name: "minPartitions", Doc: "least number of tasks; large partitions are divided", Kind: sources.AtLeastOne, Incidental: true},
	{Name: "maxRecordsPerPartition", Doc: "most offsets of a task", Kind: sources.AtLeastOne, Incidental: true},
	{Name: "includeHeaders", Doc: "add the column headers", Kind: option.Bool, Default: "false"},
	{Name: "kafkaConsumer.pollTimeoutMs", Doc: "time without an answer of the brokers after which the query fails", Kind: kafka.Millis, Default: "120000", Incidental: true},
	{Name: "fetchOffset.numRetries", Doc: "attempts to find the newest offset if it is older than a known one", Kind: sources.AtLeastZero, Default: "3", Incidental: true},
	{Name: "fetchOffset.retryIntervalMs", Doc: "time between these", Kind: kafka.Millis, Default: "10", Incidental: true},
	{Name: "groupIdPrefix", Effect: job.NoEffect, Doc: "there is no consumer group", Kind: option.Text("any text")},
	{Name: "endingOffsets", Effect: job.Refused}, {Name: "endingTimestamp", Effect: job.Refused}, {Name: "endingOffsetsByTimestamp", Effect: job.Refused},
}

// ParseOptions reads the options of a source. Its errors are those that Spark raises when the stream is defined.
func ParseOptions(given job.Options) (*Options, error) {
	o := &Options{start: startingPoint{at: latest}, failOnLoss: true, longestDelay: 15 * time.Minute, patience: 2 * time.Minute, retries: 3, retryAfter: 10 * time.Millisecond}
	if err := o.selected(given); err != nil {
		return nil, err
	}
	if err := o.starting(given); err != nil {
		return nil, err
	}
	for name, to := range map[string]*bool{"failOnDataLoss": &o.failOnLoss, "includeHeaders": &o.headers} {
		if text, ok := given.Get(name); ok {
			value, ok := option.ParseBoolean(text)
			if !ok {
				return nil, sparkerr.OfOption(sparkerr.New("_LEGACY_ERROR_TEMP_3206", "input", text), name)
			}
			*to = value
		}
	}
	tasks, patience, retries, pause := int64(0), o.patience.Milliseconds(), int64(o.retries), o.retryAfter.Milliseconds()
	for _, n := range []struct {
		name   string
		to     *int64
		lowest int64
	}{
		{"maxOffsetsPerTrigger", &o.most, 1}, {"minOffsetsPerTrigger", &o.least, 1}, {"minPartitions", &tasks, 1}, {"maxRecordsPerPartition", &o.perTask, 1},
		{"kafkaConsumer.pollTimeoutMs", &patience, 1}, {"fetchOffset.numRetries", &retries, 0}, {"fetchOffset.retryIntervalMs", &pause, 0},
	} {
		if err := kafka.Number(given, n.name, n.to, n.lowest); err != nil {
			return nil, err
		}
	}
	o.tasks, o.patience = int(min(tasks, 1<<20)), time.Duration(patience)*time.Millisecond
	o.retries, o.retryAfter = int(min(retries, 1000)), time.Duration(pause)*time.Millisecond
	if text, ok := given.Get("maxTriggerDelay"); ok {
		ms, ok := sources.ParseTime(text, 1)
		if !ok || ms < 0 {
			return nil, sparkerr.OfOption(sparkerr.Plain("maxTriggerDelay is a time such as 90s or 15m, not '%s'", text), "maxTriggerDelay")
		}
		o.longestDelay = time.Duration(ms) * time.Millisecond
	}
	if o.most > 0 && o.least > o.most {
		return nil, sparkerr.OfOption(sparkerr.Plain("The value of minOffsetPerTrigger(%d) is higher than the maxOffsetsPerTrigger(%d).", o.least, o.most), "minOffsetsPerTrigger")
	}
	var err error
	o.client, err = kafka.Parse(given, kafka.Reads)
	return o, err
}

// selected reads which partitions are read. (Spark: KafkaSourceProvider.validateGeneralOptions.)
func (o *Options) selected(given job.Options) error {
	var names []string
	for _, name := range []string{optSubscribe, optPattern, optAssign} {
		if _, ok := given.Get(name); ok {
			names = append(names, name)
		}
	}
	switch len(names) {
	case 0:
		return sparkerr.Plain("One of the following options must be specified for Kafka source: subscribe, subscribepattern, assign. See the docs for more details.").
			WithHint("subscribe: clicks reads a topic")
	case 1:
	default:
		return sparkerr.OfOption(sparkerr.Plain("Only one of the following options can be specified for Kafka source: subscribe, subscribepattern, assign. See the docs for more details."), names[1])
	}
	text, _ := given.Get(names[0])
	text = strings.TrimSpace(text)
	switch names[0] {
	case optSubscribe:
		for name := range strings.SplitSeq(text, ",") {
			if name = strings.TrimSpace(name); name != "" && !slices.Contains(o.topics, name) {
				o.topics = append(o.topics, name)
			}
		}
		if len(o.topics) == 0 {
			return sparkerr.OfOption(sparkerr.Plain("No topics to subscribe to as specified value for option 'subscribe' is '%s'", text), optSubscribe)
		}
		o.selection = "Subscribe[" + strings.Join(o.topics, ", ") + "]"
	case optPattern:
		if text == "" {
			return sparkerr.OfOption(sparkerr.Plain("Pattern to subscribe is empty as specified value for option 'subscribePattern' is '%s'", text), optPattern)
		}
		var err error
		if o.pattern, err = javaregexp.Compile(text); err != nil {
			return sparkerr.OfOption(sparkerr.Plain("subscribePattern is a regular expression of Java, not '%s'", text), optPattern)
		}
		o.selection = "SubscribePattern[" + text + "]"
	default:
		return o.assign(text)
	}
	return nil
}

func (o *Options) assign(text string) error {
	var byTopic map[string][]int32
	if err := json.Unmarshal([]byte(text), &byTopic); err != nil {
		return sparkerr.OfOption(sparkerr.Plain(`Expected e.g. {"topicA":[0,1],"topicB":[0,1]}, got %s`, text), optAssign)
	}
	var names []string
	for topic, list := range byTopic {
		for _, n := range list {
			o.assigned = append(o.assigned, partitionID{topic, n})
		}
	}
	slices.SortFunc(o.assigned, compareIDs)
	o.assigned = slices.Compact(o.assigned)
	if len(o.assigned) == 0 {
		return sparkerr.OfOption(sparkerr.Plain("No topicpartitions to assign as specified value for option 'assign' is '%s'", text), optAssign)
	}
	for _, id := range o.assigned {
		names = append(names, id.String())
		if !slices.Contains(o.topics, id.topic) {
			o.topics = append(o.topics, id.topic)
		}
	}
	o.selection = "Assign[" + strings.Join(names, ", ") + "]"
	return nil
}

// starting reads where a query begins that has no checkpoint.
func (o *Options) starting(given job.Options) error {
	s := &o.start
	if text, ok := given.Get(optStrategy); ok {
		if s.orLatest = strings.EqualFold(text, "latest"); !s.orLatest && !strings.EqualFold(text, "error") {
			return sparkerr.OfOption(sparkerr.Plain("startingOffsetsByTimestampStrategy is error or latest, not '%s'", text), optStrategy)
		}
	}
	if text, ok := given.Get(optTimestamp); ok {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return sparkerr.OfOption(sparkerr.Plain("Expected a single long value, got %s", text), optTimestamp)
		}
		s.timestamp = &n
		return nil
	}
	for _, name := range []string{optTimes, optOffsets} {
		text, ok := given.Get(name)
		if !ok {
			continue
		}
		text = strings.TrimSpace(text)
		if name == optOffsets && strings.EqualFold(text, "earliest") {
			s.at = earliest
			return nil
		}
		if name == optOffsets && strings.EqualFold(text, "latest") {
			return nil
		}
		p, err := parsePositions(text)
		if err != nil {
			return sparkerr.OfOption(sparkerr.Plain(`Expected e.g. {"topicA":{"0":23,"1":-1},"topicB":{"0":-2}}, got %s`, text), name)
		}
		if name == optTimes {
			s.times = p
		} else {
			s.offsets = p
		}
		return nil
	}
	return nil
}
