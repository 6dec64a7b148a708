# streamctl: Spark Structured Streaming jobs from the shell.

BIN     := bin/streamctl
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X github.com/streamctl/streamctl/internal/cli.buildVersion=$(VERSION)

.PHONY: help build demo test test-race cover lint fuzz difffuzz difffuzz-readers bench bench-peers docs crash soak torture handover scale spark-test spark-test-full clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/streamctl, one static file
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/streamctl

demo: build ## run the main job on the sample data of configs/
	$(BIN) file --dir configs/data/people --schema configs/schema.yaml \
	  --with-column "result=concat(fname,'-',age)" --truncate=false --num-rows 3 --available-now

test: ## run all tests
	go test ./...

test-race: ## run all tests with the race detector
	GORACE=atexit_sleep_ms=10 go test -race ./... # by default each process of a test sleeps a second as it ends

cover: ## run all tests and print how much of each package they cover
	go test -cover ./...

lint: ## gofmt, vet, staticcheck, layers
	sh scripts/lint.sh

fuzz: ## run each fuzz target for a short time
	sh scripts/fuzz.sh

difffuzz: ## compare COUNT random expressions with Apache Spark (SEED repeats a run)
	sh scripts/difffuzz/run.sh

difffuzz-readers: ## compare what both make of COUNT random CSV and JSON files
	sh scripts/difffuzz/run.sh readers

bench: build ## measure start, latency, planning and expressions, the last beside DuckDB and Polars
	sh scripts/install-peers.sh
	for part in start small latency planning expressions; do go run ./internal/bench -streamctl $(BIN) -only $$part || exit 1; done

bench-peers: build ## measure whole jobs beside DuckDB, Polars, chdb, Miller, mawk and Spark, and a directory of many files
	sh scripts/install-peers.sh
	-sh scripts/install-spark.sh
	go run ./internal/bench -streamctl $(BIN) -only peers -runs 5
	go run ./internal/bench -streamctl $(BIN) -only directory -runs 5

docs: build ## write docs/functions.md from the function table
	$(BIN) functions --output markdown > docs/functions.md

KILLS   ?= 1000
RUNS    ?= 10000
BATCHES ?= 10000
FILES   ?= 1000000
HISTORIES ?= 20000

crash: build ## stop the program KILLS times at random while files arrive; prints lost and duplicate rows
	STREAMCTL=$(CURDIR)/$(BIN) KILLS=$(KILLS) go test -count=1 -v -timeout 3h -run 'TestStoppedAtRandom' ./internal/crashtest

soak: build ## RUNS cron runs, BATCHES micro-batches, a source log of FILES files, a dead link: what they take in the end
	STREAMCTL=$(CURDIR)/$(BIN) SOAK=1 RUNS=$(RUNS) BATCHES=$(BATCHES) FILES=$(FILES) \
	  go test -count=1 -v -timeout 3h -run 'TestMany|TestALongSourceLog|WithoutAWord' ./internal/crashtest

torture: crash soak ## crash, soak, HISTORIES random histories, and every loss of power with every way to lose data
	HISTORIES=$(HISTORIES) go test -count=1 -v -timeout 1h -run 'TestNoRowIsLostWithoutAWord' ./internal/crashtest
	CRASH=full go test -count=1 -v -timeout 1h -run 'Operation' ./internal/crashtest

handover: build ## hand a query over between streamctl and Apache Spark, with kills in between
	sh scripts/handover/run.sh

scale: build ## measure how the cost of both engines grows with rows, batches, files, streams and state
	sh scripts/scale/run.sh

spark-test: build ## run some jobs on Apache Spark, and compare the engines
	sh scripts/spark-test.sh

spark-test-full: build ## all jobs of the corpus, a cluster of one machine, pipelines, the commands of docs/SPARK.md, a hand-over
	FULL=1 sh scripts/spark-test.sh
	sh scripts/handover/run.sh

clean: ## remove what was built
	rm -rf bin build
