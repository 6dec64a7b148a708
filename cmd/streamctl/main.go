// Command streamctl runs Spark Structured Streaming jobs from the shell.
package main

import (
	"os"

	"github.com/streamctl/streamctl/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
