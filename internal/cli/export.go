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

const exportLong = `Prints the program that --master submits. It is plain PySpark and does not need streamctl. Paths are absolute, and ${env:NAME}
becomes a lookup in os.environ.

--format pipelines writes a Spark Declarative Pipelines project to the directory --output instead: spark-pipeline.yml, and one file
per stream with a sink and its flow. A pipeline appends the available input and exits.`

func (a *app) exportCommand() *cobra.Command {
	var output, format string
	var only []string
	cmd := &cobra.Command{
		Use: "export JOB.yaml", Short: "export a job as a PySpark program or a pipelines project", Long: exportLong,
		Example: `  streamctl export configs/file-stream.yaml
  streamctl export configs/two-streams.yaml --only upper --output upper.py
  streamctl export configs/two-streams.yaml --format pipelines --output project`,
		Args: oneJobFile, ValidArgsFunction: completeJobFile,
	}
	onlyFlag(cmd, &only, "only the streams with these `NAMES`")
	cmd.Flags().StringVar(&format, "format", "program", "`FORMAT`: program, or pipelines for a Spark Declarative Pipelines project")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "`FILE` to write; - is standard output; with --format pipelines, a new directory")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		j, err := a.loadJob(args[0], only)
		if err == nil {
			err = a.loadSettings()
		}
		missing := &notes{}
		if err == nil {
			_, err = a.checkForSpark(j, missing)
		}
		if err != nil {
			return refused(err)
		}
		if err := missing.print(a.Err); err != nil {
			return err
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

// exportProgram writes the job as a PySpark program.
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

// exportPipeline writes the job as a pipelines project to a new or empty directory.
func (a *app) exportPipeline(j *job.Job, dir string) error {
	if dir == "-" {
		return refused(sparkerr.Plain("a pipelines project is a directory").WithHint("name a new directory: --output DIR"))
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return refused(sparkerr.Plain("%s is not empty", dir).WithHint("name a new directory"))
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

// written converts an error from writing the export.
func written(err error) error {
	if err == nil {
		return nil
	}
	return refused(sparkerr.Plain("the export cannot be written: %s", sparkerr.ReasonWithPath(err)))
}
