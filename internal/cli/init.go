package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const initLong = `Creates the directory NAME with a job that runs as it is: a commented job file, its tests, the JSON Schema for editors, and a systemd unit.
For files, there are also sample data, their schema, and a line for crontab. Existing files are never overwritten.`

func (a *app) initCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use: "init [NAME]", Short: "create a job to start from", Long: initLong,
		Example: "  streamctl init weather\n  streamctl init lines --from socket",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return refused(sparkerr.Plain("streamctl init creates one job, got %d names", len(args)).WithHint("streamctl init %s", args[0]))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&from, "from", "file", "`SOURCE` of the rows: file or socket")
	_ = cmd.RegisterFlagCompletionFunc("from", cobra.FixedCompletions([]string{"file", "socket"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(_ *cobra.Command, args []string) error { return a.initialize(append(args, "job")[0], from) }
	return cmd
}

// jobName matches names that need no quoting in shells, units and YAML.
var jobName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// A newFile is one that init writes.
type newFile struct{ path, text, doc string }

// initialize writes the files of a new job to dir, whose last element is its name.
func (a *app) initialize(dir, from string) error {
	name := filepath.Base(dir)
	if !jobName.MatchString(name) {
		return refused(sparkerr.Plain("%q cannot be the name of a job", name).WithHint("use letters, digits, - and _, such as streamctl init weather"))
	}
	full, err := filepath.Abs(dir)
	if err != nil {
		return refused(err)
	}
	program, err := os.Executable()
	if err != nil {
		program = "streamctl"
	}
	files, err := initialFiles(from, name, full, program)
	if err != nil {
		return refused(err)
	}
	if err := absent(dir, files); err != nil {
		return refused(err)
	}
	for _, f := range files {
		if err := createFile(filepath.Join(dir, f.path), f.text); err != nil {
			return written(err)
		}
	}
	if from == "file" {
		if err := a.inferSample(dir); err != nil {
			return err
		}
		files = append(files, newFile{path: "schema.yaml", doc: "the columns, inferred from the sample"})
	}
	return a.sayInitialized(dir, from, files)
}

// initialFiles returns the files of a new job, except the schema of its sample.
func initialFiles(from, name, dir, program string) ([]newFile, error) {
	schema, err := job.FileSchema(formats.Sources, formats.Sinks)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "job.yaml")
	fill := strings.NewReplacer("NAME", name, "UNIT_PROGRAM", unitWord(program), "UNIT_JOB", unitWord(file), "CRON_PROGRAM", cronWord(program), "CRON_JOB", cronWord(file))
	unit := newFile{name + ".service", fill.Replace(unitText), "a systemd unit"}
	forEditors := newFile{"job.schema.json", string(schema) + "\n", "for editors, to complete and check job.yaml"}
	switch from {
	case "file":
		return []newFile{{"job.yaml", fill.Replace(fileJobText), "the job"}, {"job.test.yaml", fileTestText, "its tests"}, {"in/sample.csv", sampleText, "sample data"},
			{name + ".cron", fill.Replace(cronText), "a line for crontab"}, unit, forEditors}, nil
	case "socket":
		return []newFile{{"job.yaml", fill.Replace(socketJobText), "the job"}, {"job.test.yaml", socketTestText, "its tests"}, unit, forEditors}, nil
	}
	return nil, sparkerr.Plain("--from is file or socket, not %q", from)
}

// absent refuses to overwrite files.
func absent(dir string, files []newFile) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return sparkerr.Plain("%s is a file", dir).WithHint("choose another name")
	}
	for _, f := range append(files, newFile{path: "schema.yaml"}) {
		path := filepath.Join(dir, f.path)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return sparkerr.Plain("%s exists already", path).WithHint("choose another name; streamctl init never overwrites files")
		}
	}
	return nil
}

// createFile writes a new file and the directories above it.
func createFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// inferSample writes the schema of the sample.
func (a *app) inferSample(dir string) error {
	s := &job.Source{Format: job.DefaultSource(job.FileCommand), Options: job.Options{{Name: "header", Value: "true"}}}
	schema, err := a.infer(&job.Job{}, s, []string{filepath.Join(dir, "in", "sample.csv")})
	if err != nil {
		return err
	}
	return written(createFile(filepath.Join(dir, "schema.yaml"), schema.YAML()))
}

// sayInitialized lists the files of a new job and how to run it.
func (a *app) sayInitialized(dir, from string, files []newFile) error {
	rows := make([][]string, len(files))
	for i, f := range files {
		rows[i] = []string{filepath.Join(dir, f.path), f.doc}
	}
	if err := a.table(a.text(), []string{"file", "content"}, rows); err != nil {
		return err
	}
	file := shellWord(filepath.Join(dir, "job.yaml"))
	next := "run it:  nc -lk 9999, and in another terminal: streamctl multi " + file
	if from == "file" {
		next = fmt.Sprintf("run it:  streamctl multi %s --available-now\nresults: %s", file, shellWord(filepath.Join(dir, "out")))
	}
	return a.print(next + "\ncheck:   streamctl validate " + file + "\ntest:    streamctl test " + file + "\n")
}

// shellWord quotes a word for a shell if necessary.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@,+=") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// cronWord quotes a word for a line of crontab, where a percent sign would end the command.
func cronWord(s string) string { return strings.ReplaceAll(shellWord(s), "%", `\%`) }

// unitWord quotes a word for ExecStart of a systemd unit.
func unitWord(s string) string {
	s = strings.NewReplacer("%", "%%", "$", "$$", `\`, `\\`, `"`, `\"`).Replace(s)
	if strings.ContainsAny(s, " \t'\\") {
		return `"` + s + `"`
	}
	return s
}

const sampleText = `time,city,celsius
2026-06-01 08:00:00,Berlin,17.5
2026-06-01 08:00:00,Madrid,24.1
2026-06-01 08:00:00,Oslo,11.9
2026-06-01 09:00:00,Berlin,19.0
2026-06-01 09:00:00,Madrid,27.3
2026-06-01 09:00:00,Oslo,13.2
`

const fileJobText = `# yaml-language-server: $schema=job.schema.json
#
# Reads CSV files that appear in in/, and writes rows as JSON to out/, each exactly once. Paths are relative to this file.
# Create files elsewhere and rename them into in/.
#
#   streamctl validate job.yaml                list every mistake
#   streamctl test job.yaml                    run the tests in job.test.yaml
#   streamctl multi job.yaml                   run until stopped
#   streamctl multi job.yaml --available-now   process the available input, and end
#   streamctl help job-file                    what else a job file may have
name: NAME

streams:
  - name: NAME
    source:
      format: csv                 # json, text and parquet are others: streamctl help formats
      path: in
      schema: schema.yaml         # from: streamctl schema infer in/sample.csv --option header=true
      options: {header: true}     # streamctl help csv lists the options
    transform:                    # steps, applied in order; expressions are Spark SQL
      - filter: celsius > 12
      - withColumn: {fahrenheit: "round(celsius * 1.8 + 32, 1)"}
    sink:
      format: json                # format: console prints the rows instead, and needs no path
      path: out
      checkpointLocation: checkpoint   # what has been processed; remove it and out to start over
`

const fileTestText = `# streamctl test job.yaml
#
# Each test runs the job in memory, on batches of input given here. "streamctl help tests" lists what can be given and expected.
tests:
  - name: rows of warm cities have their temperature in Fahrenheit, too
    batches:
      - rows:
          - {time: "2026-06-01 08:00:00", city: Madrid, celsius: 24.1}
          - {time: "2026-06-01 08:00:00", city: Oslo, celsius: 11.9}
        expect:
          - {city: Madrid, celsius: 24.1, fahrenheit: 75.4}
  - name: a temperature that is not a number is rejected, and its row left out
    batches:
      - text: |                   # a file, with its header
          time,city,celsius
          2026-06-01 08:00:00,Berlin,warm
        rejected: ["2026-06-01 08:00:00,Berlin,warm"]
        expect: []
`

const socketTestText = `# streamctl test job.yaml
#
# Each test runs the job in memory, on batches of input given here. "streamctl help tests" lists what can be given and expected.
tests:
  - name: a batch has the words whose counts changed
    batches:
      - rows: ["to be or not to be"]
        expect:
          - {word: to, n: 2}
          - {word: be, n: 2}
          - {word: or, n: 1}
          - {word: not, n: 1}
      - rows: ["be quick"]
        expect:
          - {word: be, n: 3}
          - {word: quick, n: 1}
`

const socketJobText = `# yaml-language-server: $schema=job.schema.json
#
# Counts the words of the lines that a server sends. "nc -lk 9999" is such a server.
#
#   streamctl validate job.yaml      list every mistake
#   streamctl test job.yaml          run the tests in job.test.yaml
#   streamctl multi job.yaml         run until stopped
#   streamctl help job-file          what else a job file may have
name: NAME

streams:
  - name: NAME
    source:
      format: socket
      options: {host: localhost, port: 9999}   # streamctl help socket lists the options
    transform:                    # steps, applied in order; expressions are Spark SQL
      - select: ["explode(split(value, ' ')) AS word"]
      - filter: word <> ''
      - groupBy: {keys: [word], agg: ["count(*) AS n"]}
    sink:
      format: console
      outputMode: update          # the counts that changed; complete prints all of them
`

const cronText = `# Processes the files that have arrived, every five minutes. Add this line to crontab -e. A run that begins while another one
# is still busy ends with exit code 75 and changes nothing.
*/5 * * * * CRON_PROGRAM multi CRON_JOB --available-now --quiet
`

const unitText = `# cp NAME.service /etc/systemd/system/ && systemctl enable --now NAME
[Unit]
Description=streamctl job NAME
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=UNIT_PROGRAM multi UNIT_JOB
# 143 is the exit code after SIGTERM, with which systemd stops the job.
SuccessExitStatus=143
Restart=on-failure
RestartSec=10
# 2: the job was refused, and would be refused again.
RestartPreventExitStatus=2

[Install]
WantedBy=multi-user.target
`
