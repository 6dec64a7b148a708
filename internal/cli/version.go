package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// The linker sets these in builds by make: the version, the commit, and its time as in 2026-11-29T07:30:00Z.
var linkedVersion, linkedCommit, linkedDate string

// buildVersion is the version of the program. "go install MODULE@VERSION" records it.
var buildVersion = cmp.Or(linkedVersion, recordedVersion(), "development")

func recordedVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return ""
}

// sparkVersion is the Spark release whose behavior streamctl reproduces.
const sparkVersion = "4.3.0"

func (a *app) versionCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use: "version", Short: "print the version", Args: noArgs,
		Example: "  streamctl version\n  streamctl version --output json",
		RunE: func(*cobra.Command, []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			return a.version(output == "json")
		},
	}
	outputFlag(cmd, &output)
	return cmd
}

func (a *app) version(asJSON bool) error {
	commit, date := revision()
	if asJSON {
		return a.writeJSON(map[string]string{
			"version": buildVersion, "commit": commit, "date": date, "go": runtime.Version(), "spark": sparkVersion,
			"os": runtime.GOOS, "arch": runtime.GOARCH,
		})
	}
	built := ""
	if commit != "" {
		day, _, _ := strings.Cut(date, "T")
		built = fmt.Sprintf("commit %.10s of %s, ", commit, day)
	}
	_, err := fmt.Fprintf(a.text(), "streamctl %s (%sSpark %s semantics, %s %s/%s)\n", buildVersion, built, sparkVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// revision returns the commit that the program was built from and its time; "" if the build did not record them.
func revision() (commit, date string) {
	if linkedCommit != "" {
		return linkedCommit, linkedDate
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ""
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.time":
			date = s.Value
		}
	}
	return commit, date
}

func (a *app) writeJSON(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = a.text().Write(append(text, '\n'))
	return err
}

// outputFlag adds --output text|json to a reporting command.
func outputFlag(cmd *cobra.Command, output *string) {
	cmd.Flags().StringVarP(output, "output", "o", "text", "text or json")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

func checkOutput(output string) error {
	if output != "text" && output != "json" {
		return refused(sparkerr.Plain("--output is text or json here, not %q", output))
	}
	return nil
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return refused(sparkerr.Plain("%s takes no arguments, got %q", cmd.CommandPath(), args[0]))
	}
	return nil
}
