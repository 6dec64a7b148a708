package socket

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

func TestHostsAreReadAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct{ host, address, refused, hint string }{
		{"localhost", "localhost:9", "", ""},
		{"[::1]", "[::1]:9", "", ""},
		{"::1", "[::1]:9", "", ""},
		{"fe80::1%eth0", "[fe80::1%eth0]:9", "", ""},
		{"", "", "the host is empty", "--host localhost"},
		{"tcp://localhost/", "", "is a URL", "--host localhost"},
		{"localhost:7", "", "names a port", "--host localhost --port 7"},
	} {
		o, err := ParseOptions(given("host", c.host, "port", "9"))
		var e *sparkerr.Error
		switch {
		case c.refused == "" && (err != nil || o.Address != c.address):
			t.Errorf("%q: %v, %+v", c.host, err, o)
		case c.refused != "" && (!errors.As(err, &e) || !strings.Contains(e.Text, c.refused) || e.Hint != c.hint):
			t.Errorf("%q: %+v", c.host, err)
		}
	}
	for listen, hint := range map[string]string{
		"9999": "--listen :9999", "::1:9999": "--listen '[::1]:9999'", "localhost": "--listen :9999, or",
	} {
		_, err := ParseOptions(given("listen", listen))
		if e, ok := errors.AsType[*sparkerr.Error](err); !ok || !strings.Contains(e.Hint, hint) {
			t.Errorf("%s: %+v", listen, err)
		}
	}
}

func TestFailuresOfTheNetworkHaveTheirOwnRemedies(t *testing.T) {
	bind := func(errno syscall.Errno) error {
		return &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", errno)}
	}
	for errno, want := range map[syscall.Errno]string{
		syscall.EACCES: "ports below 1024 need a privilege", syscall.EADDRINUSE: "another program uses the port",
		syscall.EADDRNOTAVAIL: "not one of this machine", syscall.EMFILE: "choose another address or port",
	} {
		if got := listenHint(bind(errno)); !strings.Contains(got, want) {
			t.Errorf("%v: %s", errno, got)
		}
	}
	s := &Source{opts: &Options{Address: "nosuch:9"}}
	lookup := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "nosuch", Server: "10.0.0.1:53", IsNotFound: true}}
	for _, c := range []struct {
		err        error
		want, hint string
	}{
		{lookup, "The host nosuch is not known: no connection to nosuch:9", "check the name in --host"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "Connection refused: no connection to nosuch:9", "start the server first"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}, "Network is unreachable: no connection to nosuch:9", "check the address"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}, "No answer in time: no connection to nosuch:9", "check the address"},
	} {
		e, ok := errors.AsType[*sparkerr.Error](s.refused(c.err))
		if !ok || e.Text != c.want || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%v: %+v", c.err, e)
		}
	}
}
