package datetime

import (
	"os"
	"strings"
)

// Local returns the time zone of the process: TZ, else the target of /etc/localtime, else UTC.
func Local() *Zone {
	id := os.Getenv("TZ")
	if id == "" {
		link, _ := os.Readlink("/etc/localtime")
		_, id, _ = strings.Cut(link, "zoneinfo/")
	}
	if z, err := LoadZone(strings.TrimPrefix(id, ":")); err == nil {
		return z
	}
	return UTC
}
