package job

import (
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Setting is a Spark setting that a job may set.
type Setting struct {
	Name   string
	Effect Effect
	check  func(name, value string) *sparkerr.Error
}

// settings is the table of Spark settings, by name; a * at the end matches any suffix. Others are refused: none is silently ignored.
var settings = slices.Concat(stateSettings, []Setting{
	{"spark.app.name", Implemented, nil},
	{"spark.sql.ansi.enabled", Implemented, fixed("true", "the embedded engine supports ANSI mode only")},
	{"spark.sql.caseSensitive", Implemented, fixed("false", "the embedded engine ignores the case of column names")},
	{"spark.sql.csv.filterPushdown.enabled", Implemented, boolean},
	{"spark.sql.csv.parser.columnPruning.enabled", Implemented, boolean},
	{"spark.sql.files.ignoreCorruptFiles", Implemented, boolean},
	{"spark.sql.files.ignoreMissingFiles", Implemented, boolean},
	{"spark.sql.files.maxRecordsPerFile", Implemented, number},
	{"spark.sql.json.filterPushdown.enabled", Implemented, boolean},
	{"spark.sql.parquet.compression.codec", Implemented, oneOf("none", "uncompressed", "snappy", "gzip", "lzo", "brotli", "lz4", "lz4_raw", "zstd")},
	{"spark.sql.parquet.filterPushdown", Implemented, boolean},
	{"spark.sql.parquet.mergeSchema", Implemented, boolean},
	{"spark.sql.parquet.outputTimestampType", Implemented, oneOf("INT96", "TIMESTAMP_MICROS", "TIMESTAMP_MILLIS")},
	{"spark.sql.session.timeZone", Implemented, timeZone},
	{"spark.sql.streaming.checkpointLocation", Implemented, nil},
	{"spark.default.parallelism", NoEffect, number},
	{"spark.driver.bindAddress", NoEffect, nil},
	{"spark.driver.cores", NoEffect, number},
	{"spark.driver.host", NoEffect, nil},
	{"spark.driver.memory", NoEffect, nil},
	{"spark.executor.cores", NoEffect, number},
	{"spark.executor.instances", NoEffect, number},
	{"spark.executor.memory", NoEffect, nil},
	{"spark.sql.adaptive.enabled", NoEffect, boolean},
	{"spark.sql.codegen.wholeStage", NoEffect, boolean},
	{"spark.sql.files.maxPartitionBytes", Implemented, byteCount},
	{"spark.sql.files.openCostInBytes", Implemented, byteCount},
	{"spark.sql.shuffle.partitions", Implemented, number},
	{"spark.sql.streaming.metricsEnabled", NoEffect, boolean},
	{"spark.sql.streaming.noDataProgressEventInterval", NoEffect, nil},
	{"spark.sql.streaming.numRecentProgressUpdates", NoEffect, number},
	{"spark.sql.streaming.pollingDelay", NoEffect, nil},
	{"spark.sql.streaming.stopTimeout", NoEffect, nil},
	{"spark.ui.enabled", NoEffect, boolean},
	{"spark.ui.port", NoEffect, number},
	{"spark.ui.showConsoleProgress", NoEffect, boolean},
})

// SetConf sets a Spark setting. The last value wins.
func (j *Job) SetConf(name, value string, at *sparkerr.Place) {
	if j.Conf == nil {
		j.Conf, j.ConfPlaces = map[string]string{}, map[string]*sparkerr.Place{}
	}
	j.Conf[name], j.ConfPlaces[name] = value, at
}

// conf checks for settings that are unknown, cannot be honored, or have an invalid value.
func (v *validator) conf() {
	j, errs := v.job, &v.errs
	for name, value := range j.Conf {
		at := j.ConfPlaces[name]
		s, ok := findSetting(name)
		switch {
		case !ok && name == "spark.master":
			errs.addf(at, "spark.master is set by --master").Hint = "remove it to run on the embedded engine"
		case !ok && v.spark:
		case !ok:
			known := make([]string, len(settings))
			for i, s := range settings {
				known[i] = s.Name
			}
			errs.addf(at, "the setting %s is not known to the embedded engine", name).Hint = DidYouMean(name, known)
		case s.Effect == Refused && v.spark:
		case s.check != nil:
			if err := s.check(name, value); err != nil {
				errs.add(at, err)
			}
		}
	}
	if tz := strings.TrimPrefix(os.Getenv("TZ"), ":"); tz != "" && j.Conf["spark.sql.session.timeZone"] == "" {
		if _, err := datetime.LoadZone(tz); err != nil && !strings.HasPrefix(tz, "/") {
			errs.addf(nil, "the environment's time zone TZ=%s is not known", tz).Hint = "export TZ=UTC, or set spark.sql.session.timeZone"
		}
	}
}

func findSetting(name string) (Setting, bool) {
	for _, s := range settings {
		if prefix, open := strings.CutSuffix(s.Name, "*"); s.Name == name || open && strings.HasPrefix(name, prefix) {
			return s, true
		}
	}
	return Setting{}, false
}

func fixed(want, why string) func(name, value string) *sparkerr.Error {
	return func(name, value string) *sparkerr.Error {
		if err := boolean(name, value); err != nil || strings.EqualFold(strings.TrimSpace(value), want) {
			return err
		}
		return sparkerr.Plain("%s=%s is refused: %s", name, value, why)
	}
}

func boolean(name, value string) *sparkerr.Error {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "true", "false":
		return nil
	}
	return invalidConf("INVALID_CONF_VALUE.TYPE_MISMATCH", name, value, "boolean")
}

func number(name, value string) *sparkerr.Error {
	if _, err := strconv.ParseInt(strings.TrimSpace(value), 10, 32); err != nil {
		return invalidConf("INVALID_CONF_VALUE.TYPE_MISMATCH", name, value, "int")
	}
	return nil
}

// byteUnits maps Spark's byte units to powers of two.
var byteUnits = map[string]uint{"": 0, "b": 0, "k": 10, "kb": 10, "m": 20, "mb": 20, "g": 30, "gb": 30, "t": 40, "tb": 40, "p": 50, "pb": 50}

// ParseBytes parses a number of bytes such as 134217728, 128m or 128MB, like Spark's JavaUtils.byteStringAs.
func ParseBytes(text string) (n int64, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")
	shift, ok := byteUnits[text[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n < 0 || n > math.MaxInt64>>shift {
		return 0, false
	}
	return n << shift, true
}

func byteCount(name, value string) *sparkerr.Error {
	if _, ok := ParseBytes(value); ok {
		return nil
	}
	return invalidConf("INVALID_CONF_VALUE.TYPE_MISMATCH", name, value, "bytes").WithHint("write 134217728, 128m or 128MB")
}

// oneOf returns a check that accepts only the given words, ignoring case.
func oneOf(words ...string) func(name, value string) *sparkerr.Error {
	return func(name, value string) *sparkerr.Error {
		if slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, value) }) {
			return nil
		}
		return sparkerr.New("INVALID_CONF_VALUE.OUT_OF_RANGE_OF_OPTIONS", "confName", name, "confValue", value, "confOptions", strings.Join(words, ", ")).
			WithHint("%s", DidYouMean(value, words))
	}
}

func timeZone(name, value string) *sparkerr.Error {
	if _, err := datetime.LoadZone(value); err != nil {
		return invalidConf("INVALID_CONF_VALUE.TIME_ZONE", name, value, "")
	}
	return nil
}

func invalidConf(condition, name, value, typ string) *sparkerr.Error {
	return sparkerr.New(condition, "confName", name, "confValue", value, "confType", typ)
}

// Zone returns the session time zone of the job.
func (j *Job) Zone() (*datetime.Zone, error) { return SessionZone(j.Conf) }

// SessionZone returns the zone that spark.sql.session.timeZone names, or that of the process.
func SessionZone(conf map[string]string) (*datetime.Zone, error) {
	id, ok := conf["spark.sql.session.timeZone"]
	if !ok {
		return datetime.Local(), nil
	}
	return datetime.LoadZone(id)
}
