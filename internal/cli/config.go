package cli

import (
	"io"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

func (a *app) configCommand() *cobra.Command {
	var output string
	var origin bool
	cmd := &cobra.Command{
		Use: "config", Short: "print the process settings", Args: noArgs,
		Example: "  streamctl config --show-origin",
		RunE: func(*cobra.Command, []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if err := a.loadSettings(); err != nil {
				return refused(err)
			}
			return a.config(origin, output == "json")
		},
	}
	cmd.Flags().BoolVar(&origin, "show-origin", false, "also print where each value comes from")
	outputFlag(cmd, &output)
	return cmd
}

func (a *app) config(origin, asJSON bool) error {
	header := []string{"setting", "value"}
	if origin {
		header = append(header, "origin")
	}
	var rows [][]string
	var list []map[string]string
	for _, d := range processSettings() {
		row := []string{d.name, a.settings.display(d.name), a.settings.origin(d.name)}
		entry := map[string]string{"setting": row[0], "value": row[1]}
		if origin {
			entry["origin"] = row[2]
		}
		list = append(list, entry)
		rows = append(rows, row[:len(header)])
	}
	if asJSON {
		return a.writeJSON(map[string]any{"settings": list})
	}
	return a.table(a.text(), header, rows)
}

// table prints a plain table, for the reports of streamctl itself.
func (a *app) table(w io.Writer, header []string, rows [][]string) error {
	t := tablewriter.NewTable(w, tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone), tablewriter.WithHeaderAlignment(tw.AlignLeft))
	t.Header(header)
	for _, row := range rows {
		for i := range row {
			row[i] = boundText(sparkerr.Printable(row[i])) // before the column widths are measured
		}
	}
	if err := t.Bulk(rows); err != nil {
		return err
	}
	return t.Render()
}
