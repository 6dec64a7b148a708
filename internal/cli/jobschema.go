package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

const jobSchemaExample = `  streamctl schema job > job.schema.json`

func (a *app) jobSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "job", Short: "print the JSON Schema of job files, for editors",
		Long: `Prints a JSON Schema (2020-12) with every key of a job file and every option of every format, so that editors complete and check
job files. Editors with the YAML language server read the first line of a job file:
  # yaml-language-server: $schema=job.schema.json`,
		Example: jobSchemaExample, Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			schema, err := job.FileSchema(formats.Sources, formats.Sinks)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.data(), "%s\n", schema)
			return err
		},
	}
}
