package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/status"
)

const (
	// defaultPage is the status page that top shows unless another one is named.
	defaultPage = "4040"
	// What a terminal does: use a screen apart and hide the cursor; go to the top; clear the rest of a line, or of the screen; go back.
	enterScreen = "\x1b[?1049h\x1b[?25l"
	toTop       = "\x1b[H"
	clearRight  = "\x1b[K"
	clearBelow  = "\x1b[J"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
)

func (a *app) topCommand() *cobra.Command {
	var output string
	var every time.Duration
	cmd := &cobra.Command{
		Use: "top [URL | PORT]", Short: "watch a run that was started with --status",
		Long: `Shows the streams of a run, and what waits, in place, until q or Ctrl-C. URL is the address that the run has printed; the default is port 4040 of this
machine. In a pipe, it prints what it sees once.`,
		Example: "  streamctl top\n  streamctl top 4141\n  streamctl top http://10.0.0.7:4040/ --output json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return refused(sparkerr.Plain("%s takes one address, got %d", cmd.CommandPath(), len(args)))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().DurationVar(&every, "interval", 2*time.Second, "how often to look")
	outputFlag(cmd, &output)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkOutput(output); err != nil {
			return err
		}
		if every < 100*time.Millisecond {
			return refused(sparkerr.Plain("--interval is at least 100ms, not %v", every))
		}
		if err := a.loadSettings(); err != nil {
			return refused(err)
		}
		page := defaultPage
		if set := a.settings.text("status"); set != "" {
			page = set
		}
		if len(args) > 0 {
			page = args[0]
		}
		u, err := status.ParseURL(page)
		if err != nil {
			return refused(err)
		}
		token, err := a.settings.statusToken()
		if err != nil {
			return refused(err)
		}
		a.hide([]string{token})
		return a.top(cmd.Context(), u, token, every, output == "json")
	}
	return cmd
}

// top shows a report, or again and again on a terminal.
func (a *app) top(ctx context.Context, u *url.URL, token string, every time.Duration, asJSON bool) error {
	r, err := status.Fetch(ctx, u, token)
	if err != nil {
		return err
	}
	if asJSON {
		return a.writeJSON(r)
	}
	out, isFile := a.Out.(*os.File)
	if !a.OutTerminal || !isFile || os.Getenv("TERM") == "dumb" {
		_, err := io.WriteString(a.text(), strings.Join(liveView(r, pipeWidth), "\n")+"\n")
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err = a.watch(ctx, out, r, every, func(ctx context.Context) (*status.Report, error) { return status.Fetch(ctx, u, token) })
	if err != nil {
		a.say("the run has ended, or cannot be reached any more: %s", sparkerr.Reason(err))
	}
	return nil
}

// pipeWidth is the width of a live view that does not go to a terminal.
const pipeWidth = 200

// watch redraws reports until q is typed or ctx ends, or one cannot be had.
func (a *app) watch(ctx context.Context, out *os.File, r *status.Report, every time.Duration, next func(context.Context) (*status.Report, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if in, ok := a.In.(*os.File); ok && a.InTerminal {
		if before, err := term.MakeRaw(int(in.Fd())); err == nil {
			defer func() { _ = term.Restore(int(in.Fd()), before) }()
			go func() { // ends with the process
				awaitQuit(in)
				cancel()
			}()
		}
	}
	_, _ = io.WriteString(out, enterScreen)
	defer func() { _, _ = io.WriteString(out, leaveScreen) }()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		_, _ = out.Write(frame(r, out))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var err error
		if r, err = next(ctx); ctx.Err() != nil {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// awaitQuit reads keys until one of them means the end.
func awaitQuit(in io.Reader) {
	key := make([]byte, 1)
	for {
		if _, err := in.Read(key); err != nil || strings.ContainsRune("qQ\x03\x04", rune(key[0])) {
			return
		}
	}
}

// frame returns what draws a report on a terminal.
func frame(r *status.Report, out *os.File) []byte {
	width, height, err := term.GetSize(int(out.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		width, height = 80, 24
	}
	lines := append(liveView(r, width), "", "q quits")
	if len(lines) > height {
		lines = append(lines[:max(height-1, 1)], fitting(fmt.Sprintf("… %d lines more", len(lines)-height+1), width))
	}
	var b bytes.Buffer
	b.WriteString(toTop)
	for i, line := range lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(line + clearRight)
	}
	b.WriteString(clearBelow)
	return b.Bytes()
}
