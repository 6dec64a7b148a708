package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Which files of a directory are job files, and which are tests, is decided here for all commands that take directories.

// testSuffix ends the name of a file of tests next to a job file.
const testSuffix = ".test.yaml"

// isTestFile reports whether a file has the tests of the job file next to it.
func isTestFile(path string) bool { return strings.HasSuffix(path, testSuffix) }

// testFileOf returns the name of the file of tests that belongs to a job file.
func testFileOf(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) + testSuffix }

// jobFileOf returns the job file that a file of tests belongs to.
func jobFileOf(path string) string {
	base := strings.TrimSuffix(path, testSuffix)
	if exists(base + ".yml") {
		return base + ".yml"
	}
	return base + ".yaml"
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// jobFiles replaces directories by the job files in them and below, and files of tests by the job files next to them. Each file comes once. several is
// set if more than one may be meant. other is called for YAML files in directories that are not job files.
func jobFiles(args []string, other func(path string)) (files []string, several bool, err error) {
	for _, arg := range args {
		found := []string{arg} // reading it reports what is wrong with it
		switch {
		case isDirectory(arg):
			several = true
			if found, err = jobFilesIn(arg, other); err != nil {
				return nil, true, err
			}
		case isTestFile(arg):
			found[0] = jobFileOf(arg)
		}
		for _, path := range found {
			if !slices.Contains(files, path) {
				files = append(files, path)
			}
		}
	}
	return files, several || len(files) > 1, nil
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// jobFilesIn lists the job files in a directory and below, in order: YAML files whose top level is a mapping. other is called for other YAML files.
// Files of tests, and names that begin with a dot, are left out.
func jobFilesIn(dir string, other func(path string)) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch ext := filepath.Ext(path); {
		case err != nil:
			return sparkerr.Plain("%s cannot be listed: %s", path, sparkerr.Reason(err))
		case path != dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
		case d.IsDir() || ext != ".yaml" && ext != ".yml" || isTestFile(path):
		default:
			if _, mapping := topLevelKeys(path); mapping {
				files = append(files, path)
			} else {
				other(path)
			}
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = sparkerr.Plain("there are no job files in %s", dir).WithHint("a job file ends in .yaml or .yml and has streams: at the top level")
	}
	return files, err
}

// topLevelKeys returns the keys of a YAML file whose top level is a mapping. A file with something wrong counts as one, so that the mistake is reported.
func topLevelKeys(path string) (keys []string, mapping bool) {
	data, err := os.ReadFile(path)
	var doc yaml.Node
	if err != nil || yaml.Load(data, &doc) != nil || len(doc.Content) != 1 {
		return nil, true
	}
	top := doc.Content[0]
	for i := 0; top.Kind == yaml.MappingNode && i < len(top.Content); i += 2 {
		keys = append(keys, top.Content[i].Value)
	}
	return keys, top.Kind == yaml.MappingNode
}

// hasTests reports whether a job file has tests or a file of tests next to it, or cannot be read as YAML.
func hasTests(path string) bool {
	keys, _ := topLevelKeys(path)
	return keys == nil || slices.Contains(keys, "tests") || exists(testFileOf(path))
}

// A testFile is a file with tests, and the job that they are about.
type testFile struct {
	path  string
	job   *job.Job
	tests []*job.Test
}

// testFiles loads the tests in files and directories. In a directory, jobs without tests are skipped.
func (a *app) testFiles(args []string) (files []testFile, err error) {
	paths, _, err := jobFiles(args, func(string) {})
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if !slices.Contains(args, path) && !hasTests(path) {
			continue
		}
		found, err := a.testsOf(path)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}
