package cli

import (
	"os/exec"
	"strings"
	"testing"
)

func TestEveryCommandAndTopicHasAManPage(t *testing.T) {
	a, _, _ := testApp()
	root := a.rootCommand()
	pages := manPages(root)
	for _, want := range []string{"streamctl.1", "streamctl-file.1", "streamctl-schema-infer.1", "streamctl-checkpoint-state.1", "streamctl-exit-codes.7", "streamctl-csv.7"} {
		if pages[want] == "" {
			t.Errorf("no %s", want)
		}
	}
	file := pages["streamctl-file.1"]
	for _, part := range []string{".SH SYNOPSIS", `\-\-with\-column`, ".SH PROCESS FLAGS", ".SH EXAMPLES"} {
		if !strings.Contains(file, part) {
			t.Errorf("streamctl-file.1 has no %s", part)
		}
	}
	if text := pages["streamctl-job-file.7"]; !strings.Contains(text, "checkpointLocation: ckpt/upper") {
		t.Error(text)
	}
}

// groff reports what it cannot typeset on standard error.
func TestManPagesHaveNoMistakes(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not installed")
	}
	a, _, _ := testApp()
	for name, text := range manPages(a.rootCommand()) {
		var complaints strings.Builder
		cmd := exec.Command(groff, "-man", "-Kutf8", "-Tutf8", "-ww", "-z", "-rLL=250n")
		cmd.Stdin, cmd.Stderr = strings.NewReader(text), &complaints
		if err := cmd.Run(); err != nil || complaints.Len() > 0 {
			t.Errorf("%s: %v %s", name, err, complaints.String())
		}
	}
}
