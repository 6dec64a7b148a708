package cli

import (
	"errors"
	"io/fs"
	"log/slog"
)

// loadSettings reads the process settings and warns of a configuration file that cannot be read.
func (a *app) loadSettings() error {
	if err := a.settings.load(); err != nil {
		return err
	}
	var unread *fs.PathError
	if errors.As(a.settings.unread, &unread) {
		a.logger().Warn("the configuration file cannot be read; its settings do not count", "file", unread.Path, "reason", unread.Err)
	}
	return nil
}

// logger writes log lines to standard error in the form and from the level that the settings ask for.
func (a *app) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: a.logLevel()}
	if a.settings.text("log-format") == "json" {
		return slog.New(slog.NewJSONHandler(a.Err, options))
	}
	return slog.New(slog.NewTextHandler(a.Err, options))
}

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
