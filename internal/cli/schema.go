package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sources/file"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

func (a *app) schemaCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "schema", Short: "infer the columns of files, or describe job files for editors", Example: inferExample + "\n" + jobSchemaExample}
	cmd.AddCommand(a.inferCommand(), a.jobSchemaCommand())
	return cmd
}

const inferExample = `  streamctl schema infer people.csv --option header=true > schema.yaml
  streamctl schema infer in/*.json --option samplingRatio=0.1
  streamctl schema infer data.parquet --output ddl
  zcat people.csv.gz | streamctl schema infer -`

func (a *app) inferCommand() *cobra.Command {
	var format, output string
	var options, conf []string
	cmd := &cobra.Command{
		Use: "infer FILE…", Short: "print the schema of csv, json or parquet files, inferred by Spark's rules",
		Long: `Reads files, the files of a directory, or standard input (-), and prints a schema for --schema. For csv and json, the types are inferred from all
records, or from a sample with --option samplingRatio. For Parquet, they are read from the file.`,
		Example: inferExample, Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return refused(sparkerr.Plain("%s needs a file or a directory", cmd.CommandPath()).WithHint("streamctl schema infer people.csv"))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "", job.Choices(inferable(), "")+" (default: by the extension of the first file, else "+job.DefaultSource(job.FileCommand)+")")
	cmd.Flags().StringArrayVar(&options, "option", nil, "option `NAME=VALUE` of the source, by Spark's name (repeatable)")
	cmd.Flags().StringArrayVarP(&conf, "conf", "c", nil, "Spark setting `NAME=VALUE` (repeatable)")
	cmd.Flags().StringVarP(&output, "output", "o", "yaml", "yaml, ddl or json")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"yaml", "ddl", "json"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(inferable(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		s := &job.Source{Format: strings.ToLower(format)}
		if slices.Equal(args, []string{"-"}) {
			return a.inferInput(s, options, conf, output)
		}
		if format == "" {
			s.Format = cmp.Or(formats.OfPath(args[0]), job.DefaultSource(job.FileCommand))
		}
		j, err := a.readFlags(s, options, conf)
		if err != nil {
			return refused(err)
		}
		schema, err := a.infer(j, s, args)
		if err != nil {
			return refused(err)
		}
		a.sayCorrupt(s, schema)
		return a.printSchema(schema, output)
	}
	return cmd
}

// inferInput prints the schema of standard input, of which it looks at everything.
func (a *app) inferInput(s *job.Source, options, conf []string, output string) error {
	j, err := a.readFlags(s, options, conf)
	if err != nil {
		return refused(err)
	}
	if a.InTerminal {
		a.say("reading standard input; end it with Ctrl-D")
	}
	data, err := io.ReadAll(a.In)
	if err != nil {
		return refused(sparkerr.Plain("standard input cannot be read: %s", sparkerr.Reason(err)))
	}
	s.Format = cmp.Or(s.Format, formatOfText(data))
	schema, err := a.inferBytes(j, s, data)
	if err != nil {
		return refused(err)
	}
	return a.printSchema(schema, output)
}

// readFlags sets the options of a source and returns a job with the given Spark settings.
func (a *app) readFlags(s *job.Source, options, conf []string) (*job.Job, error) {
	var secrets []string
	var err error
	if s.Options, secrets, err = job.ParseOptions("option", options); err != nil {
		return nil, err
	}
	a.hide(secrets)
	settings, secrets, err := job.ParseOptions("conf", conf)
	a.hide(secrets)
	j := &job.Job{}
	for _, o := range settings {
		j.SetConf(o.Name, o.Value, o.Place)
	}
	return j, err
}

// infer returns the schema of the files in paths, which may be files or directories.
func (a *app) infer(j *job.Job, s *job.Source, paths []string) (*types.Schema, error) {
	if err := a.loadSettings(); err != nil {
		return nil, err
	}
	if err := checkSource(j, s); err != nil {
		return nil, err
	}
	var files []string
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		if info, err := os.Stat(abs); err == nil && !info.IsDir() {
			files = append(files, abs)
			continue
		}
		if err := file.Check(storage.OS, abs); err != nil {
			return nil, err
		}
		found, err := file.Files(storage.OS, abs, s.Options)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return nil, noSchema(s.Format, "there are no files in "+sparkerr.Names(paths))
	}
	a.sayHeaderOf(j, s, files[0])
	return a.inferFiles(j, s, storage.OS, files, sparkerr.Names(files))
}

// inferFiles returns the schema of files, which messages call what.
func (a *app) inferFiles(j *job.Job, s *job.Source, fsys storage.FS, files []string, what string) (*types.Schema, error) {
	if err := a.loadSettings(); err != nil {
		return nil, err
	}
	if err := checkSource(j, s); err != nil {
		return nil, err
	}
	zone, err := j.Zone()
	if err != nil {
		return nil, err
	}
	f, _ := formats.Sources.Find(s.Format)
	schema, err := sources.InferSchema(fsys, f.Codec, sources.InferOptions(f.Codec, s.Options, j.Conf), zone, files)
	if err != nil {
		return nil, engine.AtOption(j, s, err)
	}
	if len(schema.Fields) == 0 {
		return nil, noSchema(s.Format, what+" has no records")
	}
	return schema, nil
}

// checkSource refuses unknown formats, settings and options.
func checkSource(j *job.Job, s *job.Source) error {
	f, ok := formats.Sources.Find(s.Format)
	switch {
	case !ok:
		return sparkerr.New("DATA_SOURCE_NOT_FOUND", "provider", s.Format).WithHint("%s", job.FormatHint(s.Format, inferable()))
	case !f.Reading().Inferable():
		return sparkerr.Plain("the schema of the format %s cannot be inferred", s.Format)
	}
	if err := j.CheckSource(s, formats.Sources); err != nil {
		return err
	}
	return engine.CheckSource(j, s)
}

// inferable lists the formats whose schema can be inferred.
func inferable() []string {
	var names []string
	for _, f := range formats.Sources {
		if f.Reading().Inferable() {
			names = append(names, f.Name)
		}
	}
	return names
}

// sayCorrupt notes that some records could not be read, since the column for them looks like a data column.
func (a *app) sayCorrupt(s *job.Source, schema *types.Schema) {
	name, given := s.Options.Get("columnNameOfCorruptRecord")
	if !given {
		name = "_corrupt_record"
	}
	f, ok := formats.Sources.Find(s.Format)
	if ok && f.Reading().NotRecords != "" && slices.ContainsFunc(schema.Fields, func(f types.Field) bool { return f.Name == name }) {
		a.say("note: "+f.Reading().NotRecords, name)
	}
}

// noSchema returns the error for files without columns.
func noSchema(format, why string) error {
	return sparkerr.New("UNABLE_TO_INFER_SCHEMA", "format", format).WithHint("%s; set the columns with --schema", why)
}

func (a *app) printSchema(s *types.Schema, output string) error {
	var err error
	switch output {
	case "yaml":
		_, err = fmt.Fprint(a.data(), s.YAML())
	case "ddl":
		_, err = fmt.Fprintln(a.data(), s.DDL())
	case "json":
		_, err = fmt.Fprintln(a.data(), s.JSON())
	default:
		return refused(sparkerr.Plain("unknown output format %q", output).WithHint("one of: yaml, ddl, json"))
	}
	return err
}

// inferInto sets the schema of a source to that of its current files (the flag --infer-schema).
func (a *app) inferInto(j *job.Job) error {
	s := &j.Streams[0].Source
	place := &sparkerr.Place{Flag: "--infer-schema"}
	switch {
	case s.Schema.Given:
		return sparkerr.Plain("--infer-schema and --schema are mutually exclusive")
	case s.Path == "-":
		return a.inferHead(j, s, place)
	case s.Path == "":
		return nil // validation reports it
	}
	if f, ok := formats.Sources.Find(s.Format); ok && s.FormatPlace == nil && f.Reading().Columns != nil { // by the name of the path; there is nothing to infer
		s.Format = job.DefaultSource(job.FileCommand)
	}
	source := job.Source{Format: strings.ToLower(s.Format), Options: s.Options, Place: s.Place, FormatPlace: s.FormatPlace}
	schema, err := a.infer(j, &source, []string{j.Resolve(s.Path)})
	if err != nil {
		return err
	}
	a.sayCorrupt(&source, schema)
	s.Schema = job.Schema{Given: true, Text: schema.JSON(), Place: place}
	return nil
}
