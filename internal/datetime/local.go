package datetime

import (
	"os"
	"strings"
)

// Local is the zone of the process: TZ, else what /etc/localtime links to, else UTC.
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
