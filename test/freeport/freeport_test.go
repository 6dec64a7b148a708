package freeport

import (
	"net"
	"strconv"
	"testing"
)

func TestPortsAreFreeDifferentAndNotAssignedToOthers(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		port, err := Get()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := strconv.Atoi(port); err != nil || n < first || n >= first+count || seen[port] {
			t.Errorf("port %s: %v, %v", port, err, seen[port])
		}
		seen[port] = true
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
	}
}
