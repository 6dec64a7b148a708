package cli

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

func (a *app) exportCommand() *cobra.Command {
	var output string
	var only []string
	cmd := &cobra.Command{
		Use: "export JOB.yaml", Short: "print a job as a PySpark program",
		Long: `Prints the program that --master submits: plain PySpark with the steps of the job, which needs nothing of streamctl.
Paths in it are absolute, and ${env:NAME} becomes a look-up in os.environ.`,
		Example: `  streamctl export configs/file-stream.yaml
  streamctl export configs/two-streams.yaml --only upper --output upper.py`,
		Args: oneJobFile, ValidArgsFunction: completeJobFile,
	}
	cmd.Flags().StringSliceVar(&only, "only", nil, "only the streams with these `NAMES`")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "`FILE` to write; - is standard output")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		j, err := a.loadJob(args[0], only)
		if err == nil {
			err = a.settings.load()
		}
		if err != nil {
			return refused(err)
		}
		program, err := a.sparkProgram(j)
		if err != nil {
			return refused(err)
		}
		if output == "-" {
			_, err = io.WriteString(a.Out, program)
			return err
		}
		if err := os.WriteFile(output, []byte(program), 0o644); err != nil {
			return refused(sparkerr.Plain("%s cannot be written: %v", output, err))
		}
		return nil
	}
	return cmd
}
