package cli

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/test/pages"
)

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
	blocks := pageBlocks(t)
	for _, topic := range topics() {
		blocks["help "+topic.name] = pages.Blocks(topic.text())
	}
	jobs := 0
	for page, list := range blocks {
		for _, block := range list {
			text, found := jobIn(block.Text)
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
				t.Errorf("%s:%d: %s", page, block.Line, wrong)
			}
		}
	}
	if jobs < 3 {
		t.Errorf("%d job files were found", jobs)
	}
}

func TestJobFilesAreFoundInText(t *testing.T) {
	text := "A job:\n\n    streams:\n      - source: {format: rate}\n\n    name: a\n\nA part of one:\n\n```yaml\ntests:\n  - name: b\n```\n\n    streamctl file --dir in\n\n- a list\n    with text\n"
	want := []pages.Block{
		{Line: 3, Text: "streams:\n  - source: {format: rate}\n\nname: a\n\n"},
		{Line: 11, Language: "yaml", Text: "tests:\n  - name: b\n"},
		{Line: 15, Text: "streamctl file --dir in\n\n"},
	}
	got := pages.Blocks(text)
	if !slices.Equal(got, want) {
		t.Fatalf("%v", got)
	}
	for i, whole := range []string{got[0].Text, got[1].Text + "streams: [{source: {format: rate}}]\n", ""} {
		if text, _ := jobIn(got[i].Text); text != whole {
			t.Errorf("block %d is %q", i, text)
		}
	}
}

// pageBlocks returns the code blocks of all pages by their paths.
func pageBlocks(t *testing.T) map[string][]pages.Block {
	t.Helper()
	files, err := pages.Files("../..")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]pages.Block{}
	for _, file := range files {
		if blocks[file], err = pages.Read(file); err != nil {
			t.Fatal(err)
		}
	}
	return blocks
}

// TestTheCommandsOfTheDocumentationParse parses the command lines in blocks that TestThePagesWorkFromTopToBottom does not run.
func TestTheCommandsOfTheDocumentationParse(t *testing.T) {
	command := regexp.MustCompile(`^(.*(&&|[|*$]) )?streamctl `)
	commands := 0
	for page, list := range pageBlocks(t) {
		for _, block := range list {
			if block.Language != "" && block.Language != "text" {
				continue
			}
			for line := range strings.Lines(strings.ReplaceAll(block.Text, "\\\n", "")) {
				at := command.FindStringIndex(line)
				if at == nil {
					continue
				}
				commands++
				if err := parseCommand(line[at[1]:]); err != nil {
					t.Errorf("%s:%d: %s: %v", page, block.Line, line, err)
				}
			}
		}
	}
	if commands < 10 {
		t.Errorf("%d commands were found", commands)
	}
}

// TestTheLinksOfTheDocumentationLeadSomewhere follows the links between pages, and those to their headings.
func TestTheLinksOfTheDocumentationLeadSomewhere(t *testing.T) {
	files, err := pages.Files("../..")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	links := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			target, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			links++
			path := file
			if target != "" {
				path = filepath.Join(filepath.Dir(file), target)
			}
			to, err := os.ReadFile(path)
			if err != nil {
				t.Errorf("%s: %v", file, err)
			} else if anchor != "" && !slices.Contains(anchors(string(to)), anchor) {
				t.Errorf("%s: %s has no heading for #%s", file, path, anchor)
			}
		}
	}
	if links < 20 {
		t.Errorf("%d links were found", links)
	}
}

// anchors returns the names by which links call the headings of a page.
func anchors(text string) []string {
	var names []string
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.Lines(text) {
		if title, found := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); found && strings.HasPrefix(line, "#") {
			names = append(names, strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-"))
		}
	}
	return names
}

// TestTheFiguresOfTheReadmeAreMeasured looks in the pages with measurements for the figures in the README's comparison.
func TestTheFiguresOfTheReadmeAreMeasured(t *testing.T) {
	var measured strings.Builder
	for _, page := range []string{"../../docs/PERFORMANCE.md", "../../docs/SCALE.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		measured.Write(text)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	figures := 0
	for line := range strings.Lines(string(readme)) {
		if !strings.HasPrefix(line, "| measured: ") {
			continue
		}
		for _, figure := range regexp.MustCompile(`[0-9][0-9.]* (s|MB)\b`).FindAllString(line, -1) {
			figures++
			if !regexp.MustCompile(`(^|[^0-9.])` + regexp.QuoteMeta(figure) + `\b`).MatchString(measured.String()) {
				t.Errorf("%s is in no page with measurements", figure)
			}
		}
	}
	if figures < 10 {
		t.Errorf("%d figures were found", figures)
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

// TestOnlySourcesUseTheNetwork lists the packages of the program that import package net: only what the user asks for sends anything anywhere.
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
	// sparkerr recognizes errors of the network; status answers on an address, and posts to one, that the user names.
	want := []string{"../../internal/kafka net", "../../internal/sources/socket net", "../../internal/sparkerr net", "../../internal/status net", "../../internal/status net/http"}
	if users = slices.Compact(users); !slices.Equal(users, want) {
		t.Errorf("the network is used by %q", users)
	}
}
