package parse

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

type recordedError struct {
	Condition string `json:"condition"`
	Message   string `json:"message"`
	Phase     string `json:"phase"`
}

type recordedCase struct {
	ID    string         `json:"id"`
	Expr  string         `json:"expr"`
	Error *recordedError `json:"error"`
}

// notParsed lists cases of the corpus that streamctl refuses deliberately.
var notParsed = map[string]string{
	"cast('abc' as string collate UTF8_LCASE) = 'ABC'": "collations other than the bytewise one",
}

// otherPlace lists errors that ANTLR reports at another token than this parser.
var otherPlace = map[string]string{
	"case when true": "ANTLR goes back to reading case as a column",
}

func corpus(t testing.TB) []recordedCase {
	files, err := filepath.Glob("../../../test/conformance/testdata/expressions/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus", err)
	}
	var cases []recordedCase
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var c recordedCase
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(file, err)
			}
			cases = append(cases, c)
		}
	}
	return cases
}

// isParseError identifies Spark's parser errors: their message starts on a new line or has no position in the expression.
func (e *recordedError) isParseError() bool {
	return e != nil && e.Phase == "analysis" && (strings.HasPrefix(e.Message, "\n") || strings.HasPrefix(e.Condition, "DECIMAL_"))
}

func TestParsingTheCorpusMatchesSpark(t *testing.T) {
	for _, c := range corpus(t) {
		_, err := Expression(c.Expr)
		switch {
		case notParsed[c.Expr] != "":
			if err == nil {
				t.Errorf("%s: %q parses", c.ID, c.Expr)
			}
		case !c.Error.isParseError():
			if err != nil {
				t.Errorf("%s: %q: %v", c.ID, c.Expr, err)
			}
		case err == nil:
			t.Errorf("%s: %q parses, want %s", c.ID, c.Expr, c.Error.Condition)
		case err.Condition != c.Error.Condition:
			t.Errorf("%s: %q gives %s, want %s", c.ID, c.Expr, err.Condition, c.Error.Condition)
		default:
			checkPlace(t, c, err)
		}
	}
}

var (
	syntaxError = regexp.MustCompile(`(?s)^\n\[PARSE_SYNTAX_ERROR\] Syntax error at or near (end of input|'.*?')(: .*?)?\. SQLSTATE`)
	underlined  = regexp.MustCompile(`(?s)== SQL \(line 1, position (\d+)\) ==\n(.*)\n( *\^+)\n$`)
)

// checkPlace compares token, hint and fragment with Spark's message.
func checkPlace(t *testing.T, c recordedCase, err *sparkerr.Error) {
	if _, ok := otherPlace[c.Expr]; ok {
		return
	}
	if m := syntaxError.FindStringSubmatch(c.Error.Message); m != nil && (err.Params["error"] != m[1] || err.Params["hint"] != m[2]) {
		t.Errorf("%s: %q: near %s%s, want %s%s", c.ID, c.Expr, err.Params["error"], err.Params["hint"], m[1], m[2])
	}
	if m := underlined.FindStringSubmatch(c.Error.Message); m != nil {
		start := strings.IndexByte(m[3], '^')
		if f := err.Fragment; f == nil || f.Start != start || f.End != len(m[3]) {
			t.Errorf("%s: %q: fragment %+v, want [%d, %d)", c.ID, c.Expr, f, start, len(m[3]))
		}
	}
}

// TestSpansMatchSpark searches the nodes of the tree for the fragment of each recorded run-time error.
func TestSpansMatchSpark(t *testing.T) {
	for _, c := range corpus(t) {
		if c.Error == nil || c.Error.Phase != "run" {
			continue
		}
		m := underlined.FindStringSubmatch(c.Error.Message)
		e, err := Expression(c.Expr)
		if m == nil || err != nil || len(c.Expr) != len([]rune(c.Expr)) {
			continue
		}
		want := ast.Span{Start: strings.IndexByte(m[3], '^'), End: len(m[3])}
		found := false
		walk(e, func(x ast.Expr) { found = found || x.Pos() == want })
		if !found {
			t.Errorf("%s: no node of %q spans %q", c.ID, c.Expr, c.Expr[want.Start:want.End])
		}
	}
}
