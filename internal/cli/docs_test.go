package cli

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// codeBlocks returns the code blocks of a text by the number of their first line: lines that are indented by four columns or more after an empty line,
// and lines between fences.
func codeBlocks(text string) map[int]string {
	blocks := map[int]string{}
	fenced, start, before := false, 0, ""
	for i, line := range strings.Split(text, "\n") {
		number := i + 1
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence:
			if fenced, start = !fenced, 0; fenced {
				start = number + 1
			}
		case fenced:
			blocks[start] += line + "\n"
		case strings.HasPrefix(line, "    ") && (start > 0 || strings.TrimSpace(before) == ""):
			if start == 0 {
				start = number
			}
			blocks[start] += line[4:] + "\n"
		case strings.TrimSpace(line) == "" && start > 0:
			blocks[start] += "\n" // within a block, or after it
		default:
			start = 0
		}
		before = line
	}
	return blocks
}

// jobIn returns the job file that a code block shows. A block with streams: at the top level is one. A block with other keys of job files is a part of
// one, and is completed with a stream. Other blocks have no job.
func jobIn(block string) (text string, found bool) {
	var top map[string]any
	if yaml.Unmarshal([]byte(block), &top) != nil {
		return "", false
	}
	if _, whole := top["streams"]; whole {
		return block, true
	}
	for _, key := range []string{"sources", "tables", "tests", "conf", "batchInterval"} {
		if _, ok := top[key]; ok {
			return block + "streams: [{source: {format: rate}}]\n", true
		}
	}
	return "", false
}

// TestTheJobFilesOfTheDocumentationAreValid validates what the pages and the topics of the help show as job files.
func TestTheJobFilesOfTheDocumentationAreValid(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]map[int]string{}
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		blocks[filepath.Base(page)] = codeBlocks(string(text))
	}
	for _, topic := range topics() {
		blocks["help "+topic.name] = codeBlocks(topic.text())
	}
	jobs := 0
	for page, list := range blocks {
		for _, line := range slices.Sorted(maps.Keys(list)) {
			text, found := jobIn(list[line])
			if !found {
				continue
			}
			jobs++
			file := filepath.Join(t.TempDir(), "job.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			a, _, wrong := testApp()
			if a.run(t.Context(), []string{"validate", file}) != 0 {
				t.Errorf("%s:%d: %s", page, line, wrong)
			}
		}
	}
	if jobs < 3 {
		t.Errorf("%d job files were found", jobs)
	}
}

func TestJobFilesAreFoundInText(t *testing.T) {
	text := "A job:\n\n    streams:\n      - source: {format: rate}\n\n    name: a\n\nA part of one:\n\n```yaml\ntests:\n  - name: b\n```\n\n    streamctl file --dir in\n\n- a list\n    with text\n"
	want := map[int]string{
		3: "streams:\n  - source: {format: rate}\n\nname: a\n\n", 11: "tests:\n  - name: b\n", 15: "streamctl file --dir in\n\n",
	}
	got := codeBlocks(text)
	if !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	for line, whole := range map[int]string{3: got[3], 11: got[11] + "streams: [{source: {format: rate}}]\n", 15: ""} {
		if text, _ := jobIn(got[line]); text != whole {
			t.Errorf("line %d is %q", line, text)
		}
	}
}

// TestEachConventionHasATest looks for the tests that docs/CLI.md names.
func TestEachConventionHasATest(t *testing.T) {
	page, err := os.ReadFile("../../docs/CLI.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t)
	conventions := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 || !strings.Contains(cells[2], "`") {
			continue
		}
		conventions++
		for i, name := range strings.Split(cells[2], "`") {
			if i%2 == 0 {
				continue
			}
			path := name
			if strings.HasSuffix(name, ".txtar") {
				path = "cmd/streamctl/testdata/script/" + name
			}
			if _, err := os.Stat("../../" + path); err != nil && !tests[name] {
				t.Errorf("there is no %s, which is to test: %s", name, cells[1])
			}
		}
	}
	if conventions != 27 {
		t.Errorf("%d conventions are listed", conventions)
	}
}

// testNames returns the names of all tests in the tree.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, dir := range []string{"../../internal", "../../cmd", "../../test"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for line := range strings.Lines(string(text)) {
				if rest, ok := strings.CutPrefix(line, "func Test"); ok {
					name, _, _ := strings.Cut(rest, "(")
					names["Test"+name] = true
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// TestOnlySourcesUseTheNetwork lists the packages of the program that import package net: only a job sends anything anywhere.
func TestOnlySourcesUseTheNetwork(t *testing.T) {
	var users []string
	err := filepath.WalkDir("../../internal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			if name := strings.Trim(i.Path.Value, `"`); name == "net" || name == "net/http" {
				users = append(users, filepath.ToSlash(filepath.Dir(path))+" "+name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(users)
	// sparkerr recognizes errors of the network.
	if users = slices.Compact(users); !slices.Equal(users, []string{"../../internal/sources/socket net", "../../internal/sparkerr net"}) {
		t.Errorf("the network is used by %q", users)
	}
}
