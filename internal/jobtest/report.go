package jobtest

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// A Suite is the tests of one file, run.
type Suite struct {
	File     string
	Outcomes []*Outcome
}

// counts returns how many tests ran, and how many of them failed.
func counts(suites []Suite) (ran, failed int) {
	for _, s := range suites {
		for _, o := range s.Outcomes {
			if ran++; !o.Passed() {
				failed++
			}
		}
	}
	return ran, failed
}

// Failed reports whether a test failed.
func Failed(suites []Suite) bool {
	_, failed := counts(suites)
	return failed > 0
}

func batches(n int) string {
	if n == 1 {
		return "1 batch"
	}
	return fmt.Sprintf("%d batches", n)
}

// Describe writes a difference as lines: - for what is missing, + for what came instead.
func (d *Difference) Describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "batch %d: %s", d.Batch, d.What)
	if d.Place != nil {
		fmt.Fprintf(&b, " (%s:%d)", d.Place.File, d.Place.Line)
	}
	b.WriteByte('\n')
	for _, l := range d.Expected {
		b.WriteString("  - " + l + "\n")
	}
	for _, l := range d.Got {
		b.WriteString("  + " + l + "\n")
	}
	return b.String()
}

func indented(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+by) + "\n"
}

// WriteText writes a line for each test, the differences of those that failed, and the counts.
func WriteText(w io.Writer, suites []Suite) error {
	for _, s := range suites {
		for _, o := range s.Outcomes {
			word := "ok  "
			if !o.Passed() {
				word = "FAIL"
			}
			if _, err := fmt.Fprintf(w, "%s  %s: %s (%s)\n", word, s.File, o.Test.Name, batches(len(o.Test.Batches))); err != nil {
				return err
			}
			for i := range o.Differences {
				if _, err := io.WriteString(w, indented(o.Differences[i].Describe(), "      ")); err != nil {
					return err
				}
			}
		}
	}
	ran, failed := counts(suites)
	_, err := fmt.Fprintf(w, "%s, %d failed\n", plural(int64(ran), "test"), failed)
	return err
}

// WriteTAP writes the Test Anything Protocol, version 14.
func WriteTAP(w io.Writer, suites []Suite) error {
	ran, _ := counts(suites)
	var b strings.Builder
	fmt.Fprintf(&b, "TAP version 14\n1..%d\n", ran)
	n := 0
	for _, s := range suites {
		for _, o := range s.Outcomes {
			n++
			name := strings.NewReplacer("\\", "\\\\", "#", "\\#", "\n", " ").Replace(s.File + ": " + o.Test.Name)
			if o.Passed() {
				fmt.Fprintf(&b, "ok %d - %s\n", n, name)
				continue
			}
			fmt.Fprintf(&b, "not ok %d - %s\n  ---\n  message: |\n", n, name)
			for i := range o.Differences {
				b.WriteString(indented(o.Differences[i].Describe(), "    "))
			}
			b.WriteString("  ...\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitFailure `xml:"failure,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the XML that continuous-integration servers read.
func WriteJUnit(w io.Writer, suites []Suite) error {
	all := junitSuites{}
	all.Tests, all.Failures = counts(suites)
	for _, s := range suites {
		one := junitSuite{Name: s.File}
		one.Tests, one.Failures = counts([]Suite{s})
		total := 0.0
		for _, o := range s.Outcomes {
			total += o.Took.Seconds()
			c := junitCase{Name: o.Test.Name, ClassName: s.File, Time: fmt.Sprintf("%.3f", o.Took.Seconds())}
			if !o.Passed() {
				var text strings.Builder
				for i := range o.Differences {
					text.WriteString(o.Differences[i].Describe())
				}
				c.Failure = &junitFailure{Message: fmt.Sprintf("%s differ in batch %d", o.Differences[0].What, o.Differences[0].Batch), Text: text.String()}
			}
			one.Cases = append(one.Cases, c)
		}
		one.Time = fmt.Sprintf("%.3f", total)
		all.Suites = append(all.Suites, one)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
