package status

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/streamctl/streamctl/internal/job"
)

// hidden is shown instead of a secret, as Spark does.
const hidden = "*********(redacted)"

// sensitive matches the names of settings whose values are secrets (Spark: spark.redaction.regex).
var sensitive = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)secret|password|passwd|token|access[._-]?key|credential|authorization`)
})

// Hidden returns the value of a setting, or that it is hidden if the name is that of a secret.
func Hidden(name, value string) string {
	if value != "" && sensitive().MatchString(name) {
		return hidden
	}
	return value
}

// settingsOf returns the settings that apply to a stream: those of its source, its sink, and conf, which is what the checkpoint pins as well.
func settingsOf(j *job.Job, s *job.Stream, conf []Setting) []Setting {
	var list []Setting
	add := func(origin, name, value string) {
		if value != "" {
			list = append(list, Setting{Name: name, Value: Hidden(name, value), Origin: origin})
		}
	}
	options := func(origin string, o job.Options) {
		for _, one := range o {
			add(origin, one.Name, one.Value)
		}
	}
	add("source", "format", s.Source.Format)
	add("source", "path", s.Source.Path)
	options("source", s.Source.Options)
	add("sink", "format", s.Sink.Format)
	add("sink", "path", s.Sink.Path)
	add("sink", "outputMode", cmp.Or(s.Sink.OutputMode, "append"))
	add("sink", "trigger", triggerText(j, &s.Sink.Trigger))
	add("sink", "checkpointLocation", s.Sink.Checkpoint)
	add("sink", "partitionBy", strings.Join(s.Sink.PartitionBy, ", "))
	options("sink", s.Sink.Options)
	if conf == nil { // the query has not started
		for name, value := range j.Conf {
			conf = append(conf, Setting{name, value, "conf"})
		}
	}
	slices.SortFunc(conf, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range conf {
		add(c.Origin, c.Name, c.Value)
	}
	return list
}

func triggerText(j *job.Job, t *job.Trigger) string {
	switch {
	case j.Mode == job.DStream:
		return fmt.Sprintf("every %v", j.BatchInterval)
	case t.Kind == job.Once:
		return "once"
	case t.Kind == job.AvailableNow:
		return "availableNow"
	case t.Kind == job.ProcessingTime && t.Interval > 0:
		return fmt.Sprintf("processingTime %v", t.Interval)
	}
	return "as soon as there is data"
}
