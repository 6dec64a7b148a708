// Package job is what a user asks for: streams with source, transform steps and sink. A job comes from a YAML file, from
// flags, or from both; from the Job value on there is one path.
package job

import (
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Job is one or more streams that run in one process.
type Job struct {
	Name          string
	Mode          Mode
	BatchInterval time.Duration     // Mode DStream
	Timeout       time.Duration     // await-termination timeout; 0: none
	Conf          map[string]string // Spark settings by name
	Streams       []*Stream
	File          string // the job file, "" when the job comes from flags
	BaseDir       string // what relative paths in the job are relative to
	ConfPlaces    map[string]*sparkerr.Place
	Secrets       []string // values of ${env:…} and ${file:…} references: never printed

	sound []*Stream // those in which Validate found no mistake
}

// A Mode is the streaming API whose behaviour a job follows.
type Mode uint8

// The modes.
const (
	Structured Mode = iota // micro-batches (Structured Streaming)
	DStream                // a batch per interval (discretized streams)
)

// A Stream is one query: a source, steps, and a sink.
type Stream struct {
	Name   string
	Source Source
	Steps  []Step
	Sink   Sink
	Place  *sparkerr.Place
}

// Options are Spark's options of a source or sink: name as written → value as text.
type Options []Option

// An Option is one name and value with its place.
type Option struct {
	Name, Value string
	Written     string          // the value with its references, when it has any
	Place       *sparkerr.Place // of the value
	NamePlace   *sparkerr.Place
}

// Get looks an option up, ignoring case as Spark does.
func (o Options) Get(name string) (string, bool) {
	value, _, ok := o.Given(name)
	return value, ok
}

// Given is Get with the place of the value.
func (o Options) Given(name string) (value string, at *sparkerr.Place, ok bool) {
	for i := len(o) - 1; i >= 0; i-- {
		if equalFold(o[i].Name, name) {
			return o[i].Value, o[i].Place, true
		}
	}
	return "", nil, false
}

// equalFold compares ASCII names without case.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i]|0x20 != b[i]|0x20 {
			return false
		}
	}
	return true
}

// A Source says where rows come from.
type Source struct {
	Format      string // csv, json, text, socket, rate, rate-micro-batch
	Path        string // as written; "-" is standard input
	Schema      Schema
	Options     Options
	Place       *sparkerr.Place
	FormatPlace *sparkerr.Place
	PathPlace   *sparkerr.Place
}

// A Schema is schema text as given: DDL, Spark's StructType JSON, or the content of a schema file.
type Schema struct {
	Text  string
	File  string // read from this file
	Given bool
	Place *sparkerr.Place
}

// StepKind names a transform step after the DataFrame method.
type StepKind string

// The steps.
const (
	WithColumn        StepKind = "withColumn"
	WithColumnRenamed StepKind = "withColumnRenamed"
	Filter            StepKind = "filter" // also: where
	Select            StepKind = "select"
	Drop              StepKind = "drop"
	SQL               StepKind = "sql"
	WithWatermark     StepKind = "withWatermark"
	GroupBy           StepKind = "groupBy"
	DropDuplicates    StepKind = "dropDuplicates"
	DropDupsWatermark StepKind = "dropDuplicatesWithinWatermark"
	Distinct          StepKind = "distinct"
	OrderBy           StepKind = "orderBy"
	Limit             StepKind = "limit"
	Join              StepKind = "join"
)

// A Step is one transform. Items hold its texts in order:
//
//	withColumn         Name = column, Text = expression, one item per column
//	withColumnRenamed  Name = old, Text = new
//	filter             one item, Text = condition
//	select             Text = select expression
//	drop               Text = column name
//	sql                one item, Text = SELECT …
//	limit              one item, Text = number
//	stateful steps     as validated by package job; transform refuses those it cannot run
type Step struct {
	Kind  StepKind
	Items []Item
	Place *sparkerr.Place
}

// An Item is a text of a step with its place.
type Item struct {
	Name  string
	Text  string
	Steps []Step // the transform of a joined table
	Place *sparkerr.Place
}

// A Sink says where rows go.
type Sink struct {
	Format      string // console, csv, json, text, noop; stdout formats have Path "-"
	Path        string
	OutputMode  string // as written; "" = append
	Trigger     Trigger
	Options     Options
	Checkpoint  string
	PartitionBy []string
	Place       *sparkerr.Place
	FormatPlace *sparkerr.Place
	ModePlace   *sparkerr.Place
}

// A Trigger says when micro-batches run.
type Trigger struct {
	Kind     TriggerKind
	Interval time.Duration // ProcessingTime
	Place    *sparkerr.Place
}

// TriggerKind names the triggers.
type TriggerKind uint8

// The triggers.
const (
	Default        TriggerKind = iota // as soon as there is data
	ProcessingTime                    // at multiples of Interval
	Once                              // one batch with everything, then end
	AvailableNow                      // everything there is at the start, honouring limits, then end
)

// minSecret is the length from which on a value is taken for a secret: replacing every "1" would garble all texts.
const minSecret = 4

// Hide replaces the secrets in a text that is kept.
func (j *Job) Hide(text string) string {
	for _, s := range j.Secrets {
		if len(s) >= minSecret {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}
