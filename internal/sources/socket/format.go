package socket

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// Format is the format socket.
var Format = &sources.Format{
	Format: job.Format{
		Name: "socket", Doc: "lines from the network, in the column value", Options: specs, Intervals: true,
		SourceRules: job.SourceRules{
			Endless: true, NoSchema: noSchema, Check: check, Stored: stored,
		},
	},
	CheckOptions: func(options job.Options, _ map[string]string) error {
		_, err := ParseOptions(options)
		return err
	},
	Columns: columns,
	Open: func(ctx context.Context, _ *job.Job, s *job.Source, env *sources.Env) (sources.Source, error) {
		src, err := start(ctx, s, env, func(*Options) {})
		if err != nil {
			return nil, err
		}
		return src, nil
	},
	OpenInterval: func(ctx context.Context, _ *job.Job, s *job.Source, env *sources.Env) (sources.Source, error) {
		src, err := start(ctx, s, env, func(o *Options) { o.Reconnect, o.Retry = true, receiverDelay })
		if err != nil {
			return nil, err
		}
		return receiver{src}, nil
	},
	Identity: func(s *job.Source) string { return s.Format + " " + address(s) },
	Opening: func(s *job.Source) string {
		if _, connects := s.Options.Get("host"); !connects {
			return ""
		}
		return "connecting to " + address(s)
	},
}

// The faces of the source.
var _ interface {
	sources.Waker
	sources.Ender
	sources.Freezer
	sources.Waiter
} = (*Source)(nil)

var noSchema = &job.Remark{
	Text: "TextSocketSourceProvider source does not support user-specified schema.",
	Hint: "a socket source has the column value STRING; remove the schema",
}

var specs = []job.OptionSpec{
	{Name: "host", Doc: "server to connect to", Kind: option.Text("the name or address of a machine"), Incidental: true},
	{Name: "port", Doc: "its port", Kind: option.Text("a number from 1 to 65535"), Incidental: true},
	{Name: "includeTimestamp", Doc: "add the column timestamp: when a line came", Kind: option.Bool, Default: "false"},
	{Name: "listen", Doc: "[HOST]:PORT to wait for connections on (not in Spark)", Kind: option.Text("[HOST]:PORT"), Incidental: true, NotInSpark: &job.Remark{
		Text: "Spark's socket source connects and cannot listen", Hint: "options: {host: localhost, port: 9999}, with nc -lk 9999 on the other side",
	}},
	{Name: "reconnect", Doc: "connect again when the server goes away (not in Spark)", Kind: option.Bool, Default: "false", Incidental: true, NotInSpark: &job.Remark{
		Text: "Spark's socket source does not reconnect", Hint: "remove the option reconnect",
	}},
	{Name: maxConnections, Doc: "most clients at the same time with listen; others wait (not in Spark)", Kind: sources.AtLeastOne, Default: "100", NotInSpark: &job.Remark{
		Text: "Spark has no option " + maxConnections, Hint: "Spark's socket source connects to one server; remove the option",
	}},
	{Name: job.MaxLineBytes, Doc: "longest line; a longer one is malformed (not in Spark)", Kind: sources.AtLeastOne, Default: "33554432"},
	sources.RejectsPath, sources.MaxBadRows,
}

// receiverDelay is how long a receiver of a discretized stream waits before it connects again
// (spark.streaming.receiverRestartDelay).
const receiverDelay = 2 * time.Second

func columns(_ storage.FS, _ *job.Job, s *job.Source) (sources.Columns, error) {
	o, err := ParseOptions(s.Options)
	if err != nil {
		return sources.Columns{}, sparkerr.At(err, s.Place)
	}
	if s.Schema.Given {
		return sources.Columns{}, sparkerr.At(sparkerr.Plain("%s", noSchema.Text), s.Schema.Place)
	}
	return sources.Columns{Schema: o.Schema()}, nil
}

func start(ctx context.Context, s *job.Source, env *sources.Env, change func(*Options)) (*Source, error) {
	o, err := ParseOptions(s.Options)
	if err != nil {
		return nil, err
	}
	change(o)
	return New(ctx, o, env)
}

// A receiver is the source of a discretized stream, whose first interval may have lines.
type receiver struct{ *Source }

// LatestOffset returns the number of the newest line.
func (r receiver) LatestOffset(ctx context.Context, from sources.Offset, all bool) (sources.Offset, error) {
	if from == "" {
		from = "-1"
	}
	return r.Source.LatestOffset(ctx, from, all)
}

// address returns where a source connects to, or the address on which it listens.
func address(s *job.Source) string {
	for _, name := range []string{"listen", "host"} {
		if value, ok := s.Options.Get(name); ok {
			port, _ := s.Options.Get("port")
			return strings.TrimSuffix(value+":"+port, ":")
		}
	}
	return ""
}

// stored returns a source of files with the lines: their batches depend on the clock, but their rows do not.
func stored(s *job.Source) (*job.Source, *sparkerr.Error) {
	if _, given := s.Options.Get("includeTimestamp"); given {
		return nil, sparkerr.Plain("the arrival time of a line is different in every run").WithHint("remove includeTimestamp to compare")
	}
	files := *s
	files.Format, files.Options = text.Codec.Name, nil
	return &files, nil
}

// check finds the options that are missing, or do not go together.
func check(s *job.Source) (errs job.Errors) {
	refuse := func(at *sparkerr.Place, hint, format string, args ...any) {
		errs = append(errs, &sparkerr.Error{Text: sparkerr.Plain(format, args...).Text, Place: at, Hint: hint})
	}
	port := func(text string, at *sparkerr.Place) {
		if n, err := strconv.Atoi(text); err != nil || n < 0 || n > 65535 {
			refuse(at, "a port is a number from 1 to 65535", "%q is not a port number", text)
		}
	}
	if text, at, given := s.Options.Given(maxConnections); given {
		if n, ok := s.Options.Count(maxConnections); !ok || n < 1 {
			refuse(at, "", "%s must be a number of at least 1, not %q", maxConnections, text)
		}
	}
	listen, listenAt, listens := s.Options.Given("listen")
	_, hasHost := s.Options.Get("host")
	portText, portAt, hasPort := s.Options.Given("port")
	switch {
	case listens && (hasHost || hasPort):
		refuse(nil, "", "a socket either listens or connects to host and port, not both")
	case listens:
		port(listen[strings.LastIndexByte(listen, ':')+1:], listenAt)
		return errs
	case !hasHost:
		refuse(nil, "--host localhost, or --listen :9999 to wait for connections", `Set a host to read from with option("host", ...).`)
	}
	if !hasPort && !listens {
		refuse(nil, "--port 9999", `Set a port to read from with option("port", ...).`)
	} else if hasPort {
		port(portText, portAt)
	}
	return errs
}
