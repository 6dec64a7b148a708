package job_test

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

// socketJob parses a command line as the command socket does.
func socketJob(t *testing.T, args ...string) (*job.Job, error) {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f := job.NewFlags(fs, job.SocketCommand, formats.Sources, formats.Sinks, formats.OfPath)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f.Build(fs.Args())
}

func TestSocketFlagsBecomeOptions(t *testing.T) {
	j, err := socketJob(t, "--host", "localhost", "--port", "9999", "--include-timestamp")
	if err == nil {
		err = j.Validate(formats.Sources, formats.Sinks)
	}
	if err != nil {
		t.Fatal(err)
	}
	o := j.Streams[0].Source.Options
	host, _ := o.Get("host")
	ts, _ := o.Get("includeTimestamp")
	if host != "localhost" || ts != "true" {
		t.Errorf("%+v", o)
	}
	for want, args := range map[string][]string{
		"Set a host":           {"--port", "1"},
		"Set a port":           {"--host", "a"},
		"not a port":           {"--host", "a", "--port", "99999"},
		"either":               {"--listen", ":9", "--host", "a"},
		"does not take a path": {"in", "--listen", ":9"},
	} {
		j, err := socketJob(t, args...)
		if err == nil {
			err = j.Validate(formats.Sources, formats.Sinks)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
