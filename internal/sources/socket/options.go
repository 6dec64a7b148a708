package socket

import (
	"cmp"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// maxConnections is the option for the number of clients of a listening socket.
const maxConnections = "maxConnections"

// DefaultConnections is how many clients may be connected at the same time.
const DefaultConnections = 100

// Options are the options of a socket source, checked.
type Options struct {
	Address   string // to connect to, or to listen on
	Listen    bool
	Reconnect bool
	Timestamp bool
	Retry     time.Duration // pause before connecting again; 0: a short one that grows

	MaxConnections int // clients at the same time, when listening; 0: DefaultConnections
}

// ParseOptions reads the options. Spark does so when the stream is defined.
func ParseOptions(opts job.Options) (*Options, error) {
	o := &Options{}
	var err error
	if listen, ok := opts.Get("listen"); ok {
		o.Listen = true
		o.Address, err = listenAddress(opts, listen)
		err = sparkerr.OfOption(err, "listen")
	} else {
		o.Address, err = peerAddress(opts)
	}
	if err != nil {
		return nil, err
	}
	if text, ok := opts.Get("includeTimestamp"); ok {
		if o.Timestamp, ok = option.ParseBoolean(text); !ok {
			return nil, sparkerr.OfOption(sparkerr.Plain(`IncludeTimestamp must be set to either "true" or "false".`), "includeTimestamp")
		}
	}
	if text, ok := opts.Get("reconnect"); ok {
		if o.Reconnect, ok = option.ParseBoolean(text); !ok {
			return nil, sparkerr.OfOption(sparkerr.Plain("the option reconnect must be true or false, not %q", text), "reconnect")
		}
	}
	if text, given := opts.Get(maxConnections); given {
		n, ok := opts.Count(maxConnections)
		if !ok || n < 1 {
			return nil, sparkerr.OfOption(sparkerr.Plain("%s is a number of at least 1, not %q", maxConnections, text), maxConnections)
		}
		o.MaxConnections = int(n)
	}
	return o, nil
}

func (o *Options) mostClients() int { return cmp.Or(o.MaxConnections, DefaultConnections) }

func peerAddress(opts job.Options) (string, error) {
	host, ok := opts.Get("host")
	if !ok {
		return "", sparkerr.Plain(`Set a host to read from with option("host", ...).`)
	}
	port, ok := opts.Get("port")
	if !ok {
		return "", sparkerr.Plain(`Set a port to read from with option("port", ...).`)
	}
	if err := checkPort(port, 1); err != nil {
		return "", sparkerr.OfOption(err, "port")
	}
	if err := checkHost(host, port); err != nil {
		return "", sparkerr.OfOption(err, "host")
	}
	return net.JoinHostPort(bareHost(host), port), nil
}

// checkHost refuses what is not a host alone: a URL, or a host with its port.
func checkHost(host, port string) error {
	if strings.TrimSpace(host) == "" {
		return sparkerr.Plain("the host is empty").WithHint("--host localhost")
	}
	if _, rest, found := strings.Cut(host, "://"); found {
		return sparkerr.Plain("%q is a URL, not a host", host).WithHint("--host %s", strings.Trim(rest, "/"))
	}
	if name, its, err := net.SplitHostPort(host); err == nil && strings.Count(name, ":") == 0 {
		return sparkerr.Plain("%q names a port, beside the port %s", host, port).WithHint("--host %s --port %s", name, its)
	}
	return nil
}

// bareHost takes the brackets off an IPv6 address, which belong to it only before a port: [::1].
func bareHost(host string) string {
	if inner, ok := strings.CutPrefix(host, "["); ok && strings.HasSuffix(inner, "]") {
		return strings.TrimSuffix(inner, "]")
	}
	return host
}

// listenAddress reads [HOST]:PORT; without a host only this machine can connect.
func listenAddress(opts job.Options, text string) (string, error) {
	for _, name := range []string{"host", "port"} {
		if _, ok := opts.Get(name); ok {
			return "", sparkerr.Plain("a socket source either listens or connects: leave out the option %s or listen", name)
		}
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", sparkerr.Plain("cannot listen on %q: it must be [HOST]:PORT", text).WithHint("%s", listenForm(text))
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), checkPort(port, 0)
}

// listenForm shows an address as it must be written.
func listenForm(text string) string {
	if _, err := strconv.Atoi(text); err == nil {
		return "--listen :" + text
	}
	if i := strings.LastIndexByte(text, ':'); i > 0 && strings.Count(text, ":") > 1 {
		return "an IPv6 address is in brackets: --listen '[" + bareHost(text[:i]) + "]:" + text[i+1:] + "'"
	}
	return "--listen :9999, or --listen 0.0.0.0:9999 for connections from other machines"
}

func checkPort(port string, lowest int) error {
	n, err := strconv.Atoi(port)
	if err != nil || n < lowest || n > 65535 {
		return sparkerr.Plain("%q is not a port: it must be a number from %d to 65535", port, lowest)
	}
	return nil
}

// Schema is the columns of a socket source.
func (o *Options) Schema() *types.Schema {
	fields := []types.Field{{Name: "value", Type: types.String, Nullable: true}}
	if o.Timestamp {
		fields = append(fields, types.Field{Name: "timestamp", Type: types.Timestamp, Nullable: true})
	}
	return &types.Schema{Fields: fields}
}
