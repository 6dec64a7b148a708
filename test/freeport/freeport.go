// Package freeport finds ports for tests whose server cannot choose one itself, such as a netcat. A server that can gets port 0 instead.
package freeport

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// The ports are below those that systems assign to connections and to servers without a port. So no other program gets a port before the
// server does, and no client that tries to connect to it connects to itself.
const (
	first = 10_000
	count = 20_000
)

// given holds the ports that this process has got already, for tests that run side by side.
var given sync.Map

// Get returns a port of the local host on which no program listens, a different one for each call.
func Get() (string, error) {
	for range 1000 {
		port := strconv.Itoa(first + rand.IntN(count))
		if _, taken := given.LoadOrStore(port, true); taken {
			continue
		}
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port)); err == nil {
			return port, l.Close()
		}
	}
	return "", errors.New("no port is free")
}
