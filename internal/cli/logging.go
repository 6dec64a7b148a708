package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// loadSettings reads the process settings once, warns about an unreadable configuration file, and sets the
// memory limit.
func (a *app) loadSettings() error {
	if a.loaded {
		return nil
	}
	if err := a.settings.load(); err != nil {
		return err
	}
	a.loaded = true
	if err := limitMemory(a.settings.memory()); err != nil {
		return err
	}
	var unread *fs.PathError
	if errors.As(a.settings.unread, &unread) {
		a.logger().Warn("the configuration file cannot be read; its settings are ignored", "file", unread.Path, "reason", unread.Err)
	}
	return nil
}

// logger returns a logger that writes to standard error with the configured format and level.
func (a *app) logger() *slog.Logger {
	if a.logsJSON() {
		return slog.New(slog.NewJSONHandler(a.Err, &slog.HandlerOptions{Level: a.logLevel(), ReplaceAttr: bounded}))
	}
	return slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: a.logLevel(), ReplaceAttr: a.attribute}))
}

func (a *app) logsJSON() bool { return a.settings.text("log-format") == "json" }

// withoutNoStream drops an empty stream attribute.
func withoutNoStream(_ []string, attr slog.Attr) slog.Attr {
	if attr.Key == "stream" && attr.Value.Kind() == slog.KindString && attr.Value.String() == "" {
		return slog.Attr{}
	}
	return attr
}

// bounded limits the length of attributes in JSON log lines.
func bounded(groups []string, attr slog.Attr) slog.Attr {
	attr = withoutNoStream(groups, attr)
	if attr.Value.Kind() == slog.KindString {
		attr.Value = slog.StringValue(boundText(attr.Value.String()))
	} else if err, ok := attr.Value.Any().(error); ok {
		attr.Value = slog.StringValue(boundText(err.Error()))
	}
	return attr
}

// attribute shortens attributes of text log lines unless -v is set: it cuts the middle out of long values and
// lists at most three names. It also removes what Go's errors add to their cause.
func (a *app) attribute(groups []string, attr slog.Attr) slog.Attr {
	attr = withoutNoStream(groups, attr)
	switch v := attr.Value.Any().(type) {
	case error:
		attr.Value = slog.StringValue(sparkerr.Reason(v))
	case []string:
		if a.settings.verbose == 0 {
			attr.Value = slog.StringValue(sparkerr.Names(v))
		}
	}
	if attr.Value.Kind() == slog.KindString && a.settings.verbose == 0 {
		attr.Value = slog.StringValue(sparkerr.CutMiddle(attr.Value.String(), longestHint))
	}
	return attr
}

// say prints a message to the user outside the log. If the log is JSON, it is a log line.
func (a *app) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if a.settings.v != nil && a.logsJSON() {
		slog.New(slog.NewJSONHandler(a.Err, nil)).Info(boundText(text))
		return
	}
	_, _ = fmt.Fprintln(a.Err, "streamctl: "+text)
}

// notify reports lost input, regardless of the log level and -q.
func (a *app) notify(_, text, hint string) { a.errorPrinter().warn(text, hint) }

// logLevel returns the configured level, or the one that the number of -v flags selects; the default is
// warnings.
func (a *app) logLevel() slog.Level {
	switch a.settings.text("log-level") {
	case "debug":
		return slog.LevelDebug
	case "info":
		return slog.LevelInfo
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	switch a.settings.verbose {
	case 0:
		return slog.LevelWarn
	case 1:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}
