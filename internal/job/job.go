// Package job defines what a user asks for: streams with a source, transform steps and a sink. A Job is built
// from a YAML file, from flags, or from both. Everything after that works on the Job alone.
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
	BatchInterval time.Duration     // for Mode DStream
	Timeout       time.Duration     // awaitTermination timeout; 0 means none
	Conf          map[string]string // Spark settings by name
	Streams       []*Stream
	Sources       []*Relation // streams of rows that queries call by name
	Tables        []*Relation // static tables that queries call by name
	Tests         []*Test     // what streamctl test runs
	File          string      // the job file, or "" if the job comes from flags
	BaseDir       string      // directory that relative paths are resolved against
	ConfPlaces    map[string]*sparkerr.Place
	Secrets       []string // substituted values of ${env:…} and ${file:…}: never print them

	sound []*Stream // streams in which Validate found no mistake
}

// A Mode is the streaming API whose behavior a job follows.
type Mode uint8

// Modes.
const (
	Structured Mode = iota // micro-batches (Structured Streaming)
	DStream                // one batch per interval (discretized streams)
)

// A Stream is one query: a source, steps, and a sink.
type Stream struct {
	Name   string
	From   Name   // of the source of the job that it reads; Source is a copy of that one then
	Source Source // the rows that the steps begin with
	Steps  []Step
	Sink   Sink
	Place  *sparkerr.Place
}

// A Relation is an input with a name and its own steps.
type Relation struct {
	Name string
	Source
	Steps []Step
}

// A Name refers to a source or table of the job. The zero value refers to none.
type Name struct {
	Text  string
	Place *sparkerr.Place
}

// Relation returns the source, or the table if static is true, with a name; nil if there is none. As for Spark's views, case does not matter.
func (j *Job) Relation(name string, static bool) *Relation {
	list := j.Sources
	if static {
		list = j.Tables
	}
	for _, r := range list {
		if strings.EqualFold(r.Name, name) {
			return r
		}
	}
	return nil
}

// Options are the options of a source or sink, in the order given.
type Options []Option

// An Option is a name, a value, and their places.
type Option struct {
	Name, Value string
	Written     string          // the value with its ${…} references, if it has any
	Place       *sparkerr.Place // of the value
	NamePlace   *sparkerr.Place
}

// Get returns the value of an option, ignoring case as Spark does.
func (o Options) Get(name string) (string, bool) {
	value, _, ok := o.Given(name)
	return value, ok
}

// Given is like Get and also returns the place of the value.
func (o Options) Given(name string) (value string, at *sparkerr.Place, ok bool) {
	for i := len(o) - 1; i >= 0; i-- {
		if equalFold(o[i].Name, name) {
			return o[i].Value, o[i].Place, true
		}
	}
	return "", nil, false
}

// Values returns the options by name, of equal names the last.
func (o Options) Values() map[string]string {
	values := make(map[string]string, len(o))
	for _, opt := range o {
		values[opt.Name] = opt.Value
	}
	return values
}

// equalFold compares ASCII names, ignoring case.
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

// A Source describes where rows come from.
type Source struct {
	Format      string // the name of a source format
	Path        string // as written; "-" is standard input
	Schema      Schema
	Options     Options
	Place       *sparkerr.Place
	FormatPlace *sparkerr.Place
	PathPlace   *sparkerr.Place
}

// A Schema is the text of a schema: DDL, Spark's StructType JSON, or the contents of a schema file.
type Schema struct {
	Text  string
	File  string // the file that Text was read from
	Given bool
	Place *sparkerr.Place
}

// A Sink describes where rows go.
type Sink struct {
	Format      string // the name of a sink format
	Path        string // "-" is standard output
	OutputMode  string // as written; "" means append
	Trigger     Trigger
	Options     Options
	Checkpoint  string
	PartitionBy []string
	Place       *sparkerr.Place
	FormatPlace *sparkerr.Place
	ModePlace   *sparkerr.Place
}

// A Trigger defines when micro-batches run.
type Trigger struct {
	Kind     TriggerKind
	Interval time.Duration // for ProcessingTime
	Place    *sparkerr.Place
}

// A TriggerKind is a kind of trigger.
type TriggerKind uint8

// Kinds of triggers.
const (
	Default        TriggerKind = iota // as soon as there is data
	ProcessingTime                    // at multiples of Interval
	Once                              // one batch with all available input, then end
	AvailableNow                      // the input available at the start, in batches within the source's limits, then end
)

// Title is what people call the job: its name, its file, or "".
func (j *Job) Title() string {
	if j.Name != "" {
		return j.Name
	}
	return j.File
}

// minSecret is the minimum length of a secret: masking every "1" would garble all texts.
const minSecret = 4

// Hide masks the secrets in a text that is stored.
func (j *Job) Hide(text string) string {
	for _, s := range j.Secrets {
		if len(s) >= minSecret {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}
