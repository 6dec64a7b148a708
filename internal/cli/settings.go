package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A setting is one process setting. It changes how the program behaves, never what a job does.
type setting struct {
	name, def, usage string
	values           []string // allowed values; nil allows any
}

// processSettings is the table of settings. Each is a flag, an environment variable STREAMCTL_NAME, and a key
// of the configuration file.
func processSettings() []setting {
	return []setting{
		{"color", "auto", "color of messages", []string{"auto", "always", "never"}},
		{"log-format", "text", "format of log lines", []string{"text", "json"}},
		{"log-level", "", "minimum level of log lines; default warn, or info with -v", []string{"", "debug", "info", "warn", "error"}},
		{"memory", "", "memory limit, such as 256MB; a query that needs more fails", nil},
		{"notify", "", "URL to post progress and the end of queries to", nil},
		{"on-failure", "", "shell command to run when a query fails; see streamctl help status", nil},
		{"progress", "auto", "progress on standard error; auto shows a status line on a terminal, live a line per stream", []string{"auto", "none", "plain", "json", "live"}},
		{"spark-home", "", "directory of Apache Spark for --master; default: SPARK_HOME, spark-submit in PATH, or pyspark", nil},
		{"state-memory", "", "memory limit of the state of each query, such as 2GB; a query that needs more fails", nil},
		{"status", "", "address of a page that shows the run, such as 4040; see streamctl help status", nil},
		{"status-token", "", "token of that page, such as ${file:PATH}; needed if other machines can reach it", nil},
		{"wait-lock", "0s", "how long to wait for a checkpoint that another run holds, such as 30s", nil},
		{"workers", "0", "worker threads; 0 means one per core", nil},
	}
}

// settings holds the process settings and their origins.
type settings struct {
	v       *viper.Viper
	flags   *pflag.FlagSet
	file    string // the configuration file, if one was read
	unread  error  // why it could not be read
	quiet   bool
	verbose int
}

// register adds the flags that all commands share.
func (s *settings) register(flags *pflag.FlagSet) {
	s.flags = flags
	for _, d := range processSettings() {
		usage := d.usage
		if len(d.values) > 0 {
			usage += ": " + strings.Join(slices.DeleteFunc(slices.Clone(d.values), func(v string) bool { return v == "" }), ", ")
		}
		flags.String(d.name, d.def, usage)
	}
	flags.BoolVarP(&s.quiet, "quiet", "q", false, "no summary line")
	flags.CountVarP(&s.verbose, "verbose", "v", "log the start and end of the program; -vv logs more")
}

// load reads the environment and the configuration file. It creates viper on demand, because commands that need
// no settings start faster without it.
func (s *settings) load() error {
	s.v = viper.New()
	s.v.SetEnvPrefix("STREAMCTL")
	s.v.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))
	s.v.AutomaticEnv()
	for _, d := range processSettings() {
		if err := s.v.BindPFlag(d.name, s.flags.Lookup(d.name)); err != nil {
			return err
		}
	}
	if err := s.readFile(configFile()); err != nil {
		return err
	}
	return s.check()
}

// configFile returns the path of the configuration file, following the XDG rules.
func configFile() string {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "streamctl", "config.yaml")
}

// readFile reads the configuration file. It only notes that a file cannot be read: a job must not fail because
// it runs with another user's HOME. Mistakes in a readable file are errors.
func (s *settings) readFile(file string) error {
	data, err := readConfig(file)
	if err != nil {
		s.unread = err
		return nil
	}
	if data == nil {
		return nil
	}
	s.v.SetConfigType("yaml")
	if err := s.v.ReadConfig(bytes.NewReader(data)); err != nil {
		return (&sparkerr.Error{Text: fmt.Sprintf("the configuration file is not YAML: %v", cmp.Or(errors.Unwrap(err), err)), Place: &sparkerr.Place{File: file}}).
			WithHint("write one line NAME: VALUE per setting; streamctl config --show-origin lists the settings")
	}
	s.file = file
	known := processSettings()
	for _, key := range s.v.AllKeys() {
		if !slices.ContainsFunc(known, func(d setting) bool { return d.name == key }) {
			return (&sparkerr.Error{Text: fmt.Sprintf("unknown setting %q", key), Place: &sparkerr.Place{File: file}}).
				WithHint("streamctl config --show-origin lists the settings")
		}
	}
	return nil
}

// maxConfigBytes is more than any configuration file needs.
const maxConfigBytes = 1 << 20

// readConfig returns the contents of the configuration file, or nil if there is none.
func readConfig(file string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case file == "", errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR): // HOME=/dev/null means none
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: file, Err: errors.New("it is not a regular file")}
	case info.Size() > maxConfigBytes:
		return nil, &fs.PathError{Op: "read", Path: file, Err: fmt.Errorf("it has %d bytes", info.Size())}
	}
	data, err := os.ReadFile(file)
	if err == nil && !utf8.Valid(data) {
		err = &fs.PathError{Op: "read", Path: file, Err: errors.New("it is not UTF-8")}
	}
	return data, err
}

// check refuses invalid values.
func (s *settings) check() error {
	for _, d := range processSettings() {
		v := s.v.GetString(d.name)
		if d.values != nil && !slices.Contains(d.values, v) {
			return s.bad(d, "one of: "+strings.TrimPrefix(strings.Join(d.values, ", "), ", "))
		}
	}
	if n, err := strconv.Atoi(s.v.GetString("workers")); err != nil || n < 0 || n > 4096 {
		return s.bad(setting{name: "workers"}, "a number from 0 to 4096")
	}
	if d, err := time.ParseDuration(s.v.GetString("wait-lock")); err != nil || d < 0 {
		return s.bad(setting{name: "wait-lock"}, "a duration such as 30s or 5m")
	}
	if err := s.checkStatus(); err != nil {
		return err
	}
	if _, err := s.postURL(); err != nil {
		return err
	}
	for _, name := range []string{"memory", "state-memory"} {
		if _, err := parseBytes(s.v.GetString(name)); err != nil {
			return s.bad(setting{name: name}, "a size such as 256MB or 1GiB")
		}
	}
	return nil
}

func (s *settings) bad(d setting, hint string) error {
	return sparkerr.Plain("%q is not a valid value of %s (%s)", s.v.GetString(d.name), d.name, s.origin(d.name)).WithHint("%s", hint)
}

// origin returns where the value of a setting comes from.
func (s *settings) origin(name string) string {
	env := "STREAMCTL_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	switch {
	case s.flags.Changed(name):
		return "flag --" + name
	case os.Getenv(env) != "":
		return "environment " + env
	case s.file != "" && s.v.InConfig(name):
		return "file " + s.file
	}
	return "default"
}

func (s *settings) text(name string) string { return s.v.GetString(name) }

// workers returns the number of worker threads.
func (s *settings) workers() int {
	if n := s.v.GetInt("workers"); n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// waitLock returns how long to wait for a checkpoint that another run holds.
func (s *settings) waitLock() time.Duration {
	d, _ := time.ParseDuration(s.v.GetString("wait-lock"))
	return d
}

// memory returns the memory limit in bytes, or 0 if there is none.
func (s *settings) memory() int64 {
	n, _ := parseBytes(s.v.GetString("memory"))
	return n
}

// stateMemory returns the memory limit of the state of a query in bytes, or 0 if there is none.
func (s *settings) stateMemory() int64 {
	n, _ := parseBytes(s.v.GetString("state-memory"))
	return n
}

// parseBytes parses a size with an optional unit. As in Spark, decimal and binary units are both powers of
// 1024.
func parseBytes(text string) (int64, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return 0, nil
	}
	digits := strings.TrimRight(text, "kmgtib ")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("not a size: %q", text)
	}
	unit := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(text[len(digits):]), "b"), "i")
	shift, ok := map[string]uint{"": 0, "k": 10, "m": 20, "g": 30, "t": 40}[unit]
	if !ok || n > 1<<62>>shift {
		return 0, fmt.Errorf("not a size: %q", text)
	}
	return n << shift, nil
}
