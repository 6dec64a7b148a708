package status

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// shortestToken is the minimum length of a token.
const shortestToken = 16

// parseAddress returns the host and port of an address such as 127.0.0.1:4040, :4040 or 4040. Without a host, it is that of this machine alone.
func parseAddress(text string) (host, port string, err error) {
	if _, err := strconv.ParseUint(text, 10, 16); err == nil {
		text = ":" + text
	}
	host, port, err = net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", "", sparkerr.Plain("%q is not an address for the status page", text).WithHint("write a port, such as 4040, or HOST:PORT")
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return host, port, nil
}

// isLocal reports whether only programs on this machine reach a host.
func isLocal(host string) bool {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// localHost reports whether the header Host of a request names this machine. A page of another site whose name leads here sends that name.
func localHost(header string) bool {
	if host, _, err := net.SplitHostPort(header); err == nil {
		header = host
	}
	return isLocal(header)
}

// CheckAddress refuses an address that is none, and one that other machines can reach without a token.
func CheckAddress(address, token string) error {
	host, _, err := parseAddress(address)
	if err != nil {
		return err
	}
	if token != "" && len(token) < shortestToken {
		return sparkerr.Plain("the token of the status page has %d characters; it needs at least %d", len(token), shortestToken).
			WithHint("openssl rand -hex 16 prints one")
	}
	if token == "" && !isLocal(host) {
		return sparkerr.Plain("a status page that other machines can reach needs a token: %s", address).
			WithHint("set STREAMCTL_STATUS_TOKEN, or --status-token '${file:PATH}'; --status %s is for this machine only", portOf(address))
	}
	return nil
}

func portOf(address string) string {
	_, port, _ := parseAddress(address)
	return port
}
