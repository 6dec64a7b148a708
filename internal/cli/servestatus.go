package cli

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/status"
)

// statusToken returns the token of the status page, with its references replaced.
func (s *settings) statusToken() (string, error) {
	return expanded("status-token", s.text("status-token"))
}

// expanded replaces the references in the value of a setting.
func expanded(name, text string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	value, _, bad := job.Expand(text, dir)
	if bad != nil {
		bad.Text = name + ": " + bad.Text
		return "", bad
	}
	return value, nil
}

// checkStatus refuses an address that cannot be used.
func (s *settings) checkStatus() error {
	address := s.text("status")
	if address == "" {
		return nil
	}
	token, err := s.statusToken()
	if err != nil {
		return err
	}
	return status.CheckAddress(address, token)
}

// shown returns the settings for a report.
func (s *settings) shown() []status.Setting {
	var list []status.Setting
	for _, d := range processSettings() {
		if value := s.display(d.name); value != "" {
			list = append(list, status.Setting{Name: d.name, Value: value, Origin: s.origin(d.name)})
		}
	}
	return list
}

// display returns the value of a setting without secrets.
func (s *settings) display(name string) string {
	value := s.text(name)
	if u, err := url.Parse(value); err == nil && name == "notify" {
		value = u.Redacted()
	}
	return status.Hidden(name, value)
}

// serveStatus begins to show a run over HTTP if that is asked for. The function that it returns ends that.
func (a *app) serveStatus(m *status.Model, env *engine.Env) (func(), error) {
	address := a.settings.text("status")
	if address == "" {
		if a.settings.flags.Changed("status-token") {
			return nil, sparkerr.Plain("--status-token needs --status").WithHint("--status 0.0.0.0:4040 shows the run to other machines")
		}
		return func() {}, nil
	}
	token, err := a.settings.statusToken()
	if err != nil {
		return nil, err
	}
	a.hide([]string{token})
	server, err := status.Listen(address, token, m, env.Log)
	if err != nil {
		return nil, err
	}
	a.say("status: %s", server.URL())
	noteWarnings(m, env)
	return server.Close, nil
}

// noteWarnings has the model know the warnings of a run, and the plans.
func noteWarnings(m *status.Model, env *engine.Env) {
	env.Plans = true
	env.Log = slog.New(&noting{Handler: env.Log.Handler(), model: m})
	notify := env.Notify
	env.Notify = func(stream, text, hint string) {
		m.Warn(stream, text, hint)
		notify(stream, text, hint)
	}
}

// noting is a log handler that passes warnings on to a model.
type noting struct {
	slog.Handler
	model *status.Model
	attrs []slog.Attr
}

// Enabled accepts warnings whatever the log level is.
func (n *noting) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn || n.Handler.Enabled(ctx, level)
}

// Handle notes a warning and logs it.
func (n *noting) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		var text strings.Builder
		text.WriteString(r.Message)
		stream := ""
		add := func(attr slog.Attr) bool {
			if attr.Key == "stream" {
				stream = attr.Value.String()
			} else {
				text.WriteString(", " + attr.Key + " " + attr.Value.String())
			}
			return true
		}
		for _, attr := range n.attrs {
			add(attr)
		}
		r.Attrs(add)
		n.model.Warn(stream, text.String(), "")
	}
	if !n.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return n.Handler.Handle(ctx, r)
}

// WithAttrs returns a handler that adds attributes.
func (n *noting) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *n
	c.Handler = n.Handler.WithAttrs(attrs)
	c.attrs = append(n.attrs[:len(n.attrs):len(n.attrs)], attrs...)
	return &c
}

// WithGroup returns a handler that puts attributes into a group.
func (n *noting) WithGroup(name string) slog.Handler {
	c := *n
	c.Handler = n.Handler.WithGroup(name)
	return &c
}
