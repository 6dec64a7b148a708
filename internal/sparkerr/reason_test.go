package sparkerr

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestReasonsHideNamesOfGo(t *testing.T) {
	_, noFile := os.Open("/no/such/file")
	_, isDir := os.ReadFile(t.TempDir())
	_, noNumber := strconv.ParseInt("x", 10, 64)
	_, tooLarge := strconv.Atoi("99999999999999999999")
	_, noBool := strconv.ParseBool("maybe")
	var n struct{ A int }
	noJSON := json.Unmarshal([]byte(`{"A":`), &n)
	wrongJSON := json.Unmarshal([]byte(`{"A":"x"}`), &n)
	denied := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)}
	lookup := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "nosuch", Server: "10.0.0.1:53", IsNotFound: true}}
	for _, c := range []struct {
		err  error
		want string
	}{
		{noFile, "no such file or directory"},
		{isDir, "it is a directory"},
		{fmt.Errorf("offsets/3: %w", noFile), "offsets/3: no such file or directory"},
		{&os.LinkError{Op: "rename", Old: "a", New: "b", Err: syscall.EXDEV}, "invalid cross-device link"},
		{noNumber, `"x" is not a number`},
		{tooLarge, `"99999999999999999999" is out of range`},
		{noBool, `"maybe" is not true or false`},
		{denied, "permission denied"},
		{lookup, "the host nosuch is not known"},
		{noJSON, "unexpected end of JSON input, at byte 5"},
		{wrongJSON, "A has a JSON string of the wrong type, at byte 8"},
		{fmt.Errorf("page 3: %w", io.ErrUnexpectedEOF), "page 3: the data ends too early"},
		{New("DIVIDE_BY_ZERO"), New("DIVIDE_BY_ZERO").Error()},
	} {
		got := Reason(c.err)
		if got != c.want || strings.Contains(got, "strconv.") {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
	if got := ReasonWithPath(fmt.Errorf("log: %w", noFile)); got != "log: /no/such/file: no such file or directory" {
		t.Errorf("%q", got)
	}
}
