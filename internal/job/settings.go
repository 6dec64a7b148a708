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
		data, err := os.ReadFile(file)
		if err != nil {
			b.errs.addf(at, "the properties file %s cannot be read: %s", file, sparkerr.Reason(err))
		}
		b.properties(file, data)
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
