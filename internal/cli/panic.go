package cli

import (
	"errors"
	"log/slog"
	"os"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// keepStacks writes the stack of each panic among the errors to a file and prints the file's name, at log level
// debug.
func (a *app) keepStacks(err error) {
	if a.logLevel() > slog.LevelDebug {
		return
	}
	for _, e := range flatten(err) {
		var p *sparkerr.Panic
		if !errors.As(e, &p) {
			continue
		}
		a.sayStack("the stack of the internal error is", p)
	}
}

func (a *app) sayStack(what string, p *sparkerr.Panic) {
	name, err := keepStack(p)
	if err != nil {
		a.logger().Warn("a stack trace cannot be written to a file", "reason", err)
		return
	}
	a.say("%s in %s", what, name)
}

func keepStack(p *sparkerr.Panic) (string, error) {
	f, err := os.CreateTemp("", "streamctl-*.stack")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(p.Error() + "\n\n" + string(p.Stack))
	return f.Name(), errors.Join(err, f.Close())
}
