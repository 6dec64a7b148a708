package job

import (
	"os"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// duration parses a duration flag.
func (b *builder) duration(flag, text string, at *sparkerr.Place) time.Duration {
	d, err := ParseDuration(text)
	switch {
	case err != nil:
		b.errs.add(at, err)
	case d <= 0:
		b.errs.addf(at, "--%s must be greater than zero, not %q", flag, text)
	}
	return d
}

// settings applies --conf and --properties-file. As in spark-submit, a flag overrides the job file, which
// overrides the properties file.
func (b *builder) settings() {
	if file, at, ok := b.given("properties-file"); ok {
		b.properties(file, at)
	}
	for _, text := range b.f.conf {
		at := flagPlace("conf", text)
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			b.errs.addf(at, "--conf takes NAME=VALUE, not %q", text)
			continue
		}
		b.job.SetConf(strings.TrimSpace(name), value, at)
	}
}

// properties reads a Java properties file: "key value", "key=value" or "key: value" per line. Comments begin
// with # or !. A backslash at the end of a line continues it.
func (b *builder) properties(file string, at *sparkerr.Place) {
	data, err := os.ReadFile(file)
	if err != nil {
		b.errs.addf(at, "the properties file %s cannot be read: %s", file, sparkerr.Reason(err))
		return
	}
	lines := splitLines(data)
	for i := 0; i < len(lines); i++ {
		place := &sparkerr.Place{File: file, Line: i + 1, Col: 1, LineText: lines[i]}
		line := strings.TrimLeft(lines[i], " \t\f")
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + strings.TrimLeft(lines[i], " \t\f")
		}
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		name, value := property(line)
		if !strings.HasPrefix(name, "spark.") {
			b.errs.addf(place, "%q is not a Spark setting: its name does not begin with spark.", name)
			continue
		}
		if _, given := b.job.Conf[name]; !given {
			b.job.SetConf(name, value, place)
		}
	}
}

// property splits a line at the first =, : or blank.
func property(line string) (name, value string) {
	i := strings.IndexAny(line, "=: \t\f")
	if i < 0 {
		return line, ""
	}
	value = strings.TrimLeft(line[i:], " \t\f")
	if value != "" && (value[0] == '=' || value[0] == ':') {
		value = value[1:]
	}
	return line[:i], strings.TrimSpace(value)
}
