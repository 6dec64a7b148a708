//go:build race

package cli

func init() { slowdown = 15 }
