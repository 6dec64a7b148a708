package nexmark

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Queries returns the names of the queries, in the order of their numbers.
func Queries() []string {
	files, _ := fs.Glob(Jobs, "jobs/*.yaml") // the pattern is valid
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	slices.SortFunc(files, func(a, b string) int { return cmpQuery(a, b) })
	return files
}

func cmpQuery(a, b string) int {
	if d := number(a) - number(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// number returns that of a query such as q4w.
func number(query string) int {
	n, _ := strconv.Atoi(strings.Trim(query, "abcdefghijklmnopqrstuvwxyz"))
	return n
}

// CopyJobs writes the job files and schemas to dir, where their data belongs into the directory data.
func CopyJobs(dir string) error {
	jobs, err := fs.Sub(Jobs, "jobs")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, jobs)
}

// JobFile returns the path of the job file of a query in dir.
func JobFile(dir, query string) string { return filepath.Join(dir, query+".yaml") }
