package cli

import (
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/pyspark"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const exportLong = `Prints the program that --master submits: plain PySpark with the steps of the job, which needs nothing of streamctl.
Paths in it are absolute, and ${env:NAME} becomes a look-up in os.environ.

--format pipelines writes a project of Spark Declarative Pipelines instead, into the directory of --output: spark-pipeline.yml,
and a file with a sink and its flow for each stream. A pipeline takes in what is there, appends it, and ends.`

func (a *app) exportCommand() *cobra.Command {
	var output, format string
	var only []string
	cmd := &cobra.Command{
		Use: "export JOB.yaml", Short: "print a job as a PySpark program, or write it as a pipelines project", Long: exportLong,
		Example: `  streamctl export configs/file-stream.yaml
  streamctl export configs/two-streams.yaml --only upper --output upper.py
  streamctl export configs/two-streams.yaml --format pipelines --output project`,
		Args: oneJobFile, ValidArgsFunction: completeJobFile,
	}
	cmd.Flags().StringSliceVar(&only, "only", nil, "only the streams with these `NAMES`")
	cmd.Flags().StringVar(&format, "format", "program", "`FORMAT`: program, or pipelines for a project of Spark Declarative Pipelines")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "`FILE` to write, - is standard output; with --format pipelines a new directory")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		j, err := a.loadJob(args[0], only)
		if err == nil {
			err = a.loadSettings()
		}
		if err == nil {
			_, err = a.checkForSpark(j)
		}
		if err != nil {
			return refused(err)
		}
		switch format {
		case "program":
			return a.exportProgram(j, output)
		case "pipelines":
			return a.exportPipeline(j, output)
		}
		return refused(sparkerr.Plain("--format is program or pipelines, not %q", format))
	}
	return cmd
}

// exportProgram writes the job as a program.
func (a *app) exportProgram(j *job.Job, output string) error {
	program, err := pyspark.Program(j)
	if err != nil {
		return refused(err)
	}
	if output == "-" {
		_, err = io.WriteString(a.data(), program)
		return err
	}
	return written(os.WriteFile(output, []byte(program), 0o644))
}

// exportPipeline writes the job as a project into a directory that holds nothing yet.
func (a *app) exportPipeline(j *job.Job, dir string) error {
	if dir == "-" {
		return refused(sparkerr.Plain("a pipelines project is a directory").WithHint("name a new one: --output DIR"))
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return refused(sparkerr.Plain("%s holds files already", dir).WithHint("name a new directory"))
	}
	files, notes, err := pyspark.Pipeline(j, dir)
	if err != nil {
		return refused(err)
	}
	for _, f := range files {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return written(err)
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o644); err != nil {
			return written(err)
		}
	}
	for _, n := range notes {
		a.say("note: %s", n)
	}
	return nil
}

// written is the outcome of writing a file.
func written(err error) error {
	if err == nil {
		return nil
	}
	return refused(sparkerr.Plain("what is exported cannot be written: %s", sparkerr.ReasonWithPath(err)))
}
