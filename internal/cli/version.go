package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// buildVersion is set by the linker.
var buildVersion = "development"

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
	if !asJSON {
		_, err := fmt.Fprintf(a.text(), "streamctl %s (Spark %s semantics, %s %s/%s)\n", buildVersion, sparkVersion, runtime.Version(),
			runtime.GOOS, runtime.GOARCH)
		return err
	}
	return a.writeJSON(map[string]string{
		"version": buildVersion, "commit": commit(), "go": runtime.Version(), "spark": sparkVersion,
		"os": runtime.GOOS, "arch": runtime.GOARCH,
	})
}

// commit returns the revision that the program was built from, if the build recorded it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
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
