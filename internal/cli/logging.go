package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// loadSettings reads the process settings once, warns of a configuration file that cannot be read, and sets the limit of memory.
func (a *app) loadSettings() error {
	if a.loaded {
		return nil
	}
	if err := a.settings.load(); err != nil {
		return err
	}
	a.loaded = true
	engine.LimitMemory(a.settings.memory())
	var unread *fs.PathError
	if errors.As(a.settings.unread, &unread) {
		a.logger().Warn("the configuration file cannot be read; its settings do not count", "file", unread.Path, "reason", unread.Err)
	}
	return nil
}

// logger writes log lines to standard error in the form and from the level that the settings ask for.
func (a *app) logger() *slog.Logger {
	if a.logsJSON() {
		return slog.New(slog.NewJSONHandler(a.Err, &slog.HandlerOptions{Level: a.logLevel(), ReplaceAttr: bounded}))
	}
	return slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: a.logLevel(), ReplaceAttr: a.attribute}))
}

func (a *app) logsJSON() bool { return a.settings.text("log-format") == "json" }

// withoutNoStream leaves the name of a stream out that has none.
func withoutNoStream(_ []string, attr slog.Attr) slog.Attr {
	if attr.Key == "stream" && attr.Value.Kind() == slog.KindString && attr.Value.String() == "" {
		return slog.Attr{}
	}
	return attr
}

// bounded keeps lines of JSON within bounds.
func bounded(groups []string, attr slog.Attr) slog.Attr {
	attr = withoutNoStream(groups, attr)
	if attr.Value.Kind() == slog.KindString {
		attr.Value = slog.StringValue(boundText(attr.Value.String()))
	} else if err, ok := attr.Value.Any().(error); ok {
		attr.Value = slog.StringValue(boundText(err.Error()))
	}
	return attr
}

// attribute keeps lines of text short: of long values both ends, of long lists three names, unless -v is given. Errors lose
// what Go puts around their cause.
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

// say tells the user something outside of the log: a line of text, or a log line where the log is JSON.
func (a *app) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if a.settings.v != nil && a.logsJSON() {
		slog.New(slog.NewJSONHandler(a.Err, nil)).Info(boundText(text))
		return
	}
	_, _ = fmt.Fprintln(a.Err, "streamctl: "+text)
}

// notify tells of lost input, whatever the level of the log and however quiet the run: nothing is lost in silence.
func (a *app) notify(text, hint string) { a.errorPrinter().warn(text, hint) }

// logLevel is the setting, else what the number of -v means: without any, warnings.
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
