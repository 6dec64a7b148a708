package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/status"
)

const (
	// commandTime is how long the command of --on-failure may take.
	commandTime = 30 * time.Second
	// pipeTime is how long its output is waited for after it has ended: what it has started may keep it open.
	pipeTime = time.Second
	// longestVariable is the maximum length of a variable of the command, in bytes.
	longestVariable = 8 << 10
	// postTime is how long a run that has ended waits until its events are posted.
	postTime = 5 * time.Second
)

// followers tell others about a run: they post its events and run a command when a query fails. The zero value tells no one.
type followers struct {
	a        *app
	job      *job.Job
	poster   *status.Poster
	command  string
	limit    time.Duration
	commands sync.WaitGroup
}

// newFollowers returns those that the settings ask for. The caller has to close them.
func newFollowers(a *app, j *job.Job) (*followers, error) {
	f := &followers{a: a, job: j, command: a.settings.text("on-failure"), limit: commandTime}
	to, err := a.settings.postURL()
	if err != nil || to == "" {
		return f, err
	}
	if raw := a.settings.text("notify"); raw != to {
		a.hide([]string{to})
	}
	f.poster, err = status.NewPoster(to, j.Title(), a.mask, func(text string) { a.errorPrinter().warn(text, "") })
	return f, err
}

// postURL returns the address to post events to, with its references replaced.
func (s *settings) postURL() (string, error) {
	text := s.text("notify")
	if text == "" {
		return "", nil
	}
	to, err := expanded("notify", text)
	if err != nil {
		return "", err
	}
	return to, status.CheckPostURL(to)
}

// progress takes the event of a batch.
func (f *followers) progress(e *engine.Progress) {
	if f.poster != nil {
		f.poster.Progress(e)
	}
}

// terminated takes the end of a query.
func (f *followers) terminated(e *engine.Terminated) {
	if f.poster != nil {
		f.poster.Terminated(e)
	}
	if f.command != "" && e.Err != nil {
		f.commands.Go(func() {
			if err := sparkerr.Caught(func() error {
				f.run(e)
				return nil
			}); err != nil {
				f.a.logger().Warn("the command of --on-failure was not run", "reason", err)
			}
		})
	}
}

// close waits for what is going on.
func (f *followers) close() {
	f.commands.Wait()
	if f.poster != nil {
		f.poster.Close(postTime)
	}
}

// run runs the command, and reports if it fails.
func (f *followers) run(e *engine.Terminated) {
	ctx, cancel := context.WithTimeout(context.Background(), f.limit)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	cmd := exec.CommandContext(ctx, shell[0], shell[1], f.command)
	cmd.WaitDelay = pipeTime
	cmd.Stdout, cmd.Stderr = f.a.Err, f.a.Err // standard output is for rows
	cmd.Env = f.environment(e)
	err := cmd.Run()
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay) && ctx.Err() == nil: // what it has started goes on
	case ctx.Err() != nil:
		f.a.errorPrinter().warn("the command of --on-failure did not end within "+f.limit.String()+" and was killed", "")
	default:
		f.a.errorPrinter().warn("the command of --on-failure has failed: "+sparkerr.Reason(err), "")
	}
}

// environment returns the variables of the command: those of the process, without a command that would run again, and what is known of the failure.
func (f *followers) environment(e *engine.Terminated) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "STREAMCTL_ON_FAILURE=") || strings.HasPrefix(v, "STREAMCTL_STATUS_TOKEN=")
	})
	add := func(name string, value string) {
		value = sparkerr.CutMiddle(string(sparkerr.Visible([]byte(f.a.mask(value)))), longestVariable)
		env = append(env, "STREAMCTL_"+name+"="+value)
	}
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	add("JOB", f.job.Title())
	add("QUERY", text(e.Name))
	add("QUERY_ID", e.ID)
	add("RUN_ID", e.RunID)
	add("CONDITION", text(e.Condition))
	add("MESSAGE", text(e.Exception))
	add("CHECKPOINT", e.Checkpoint)
	return env
}
