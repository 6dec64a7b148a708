# streamctl: Spark Structured Streaming jobs from the shell.

BIN     := bin/streamctl
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
COMMIT  := $(shell git rev-parse HEAD 2>/dev/null)
DATE    := $(shell TZ=UTC git show -s --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ HEAD 2>/dev/null)
LINKED  := github.com/streamctl/streamctl/internal/cli.linked
LDFLAGS := -s -w -X $(LINKED)Version=$(VERSION) -X $(LINKED)Commit=$(COMMIT) -X $(LINKED)Date=$(DATE)
PREFIX  ?= /usr/local

.PHONY: help build man install demo test test-race cover cross lint fuzz difffuzz difffuzz-readers difffuzz-streams bench bench-peers bench-state nexmark docs casts site crash soak torture handover release-snapshot scale spark-test spark-test-full clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/streamctl, a static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/streamctl

man: build ## write the manual pages to build/man
	rm -rf build/man
	$(BIN) man build/man

install: build man ## copy the program and its manual pages to PREFIX (/usr/local), below DESTDIR if it is set
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(BIN) '$(DESTDIR)$(PREFIX)/bin/streamctl'
	install -d '$(DESTDIR)$(PREFIX)/share/man/man1' '$(DESTDIR)$(PREFIX)/share/man/man7'
	install -m 644 build/man/*.1 '$(DESTDIR)$(PREFIX)/share/man/man1'
	install -m 644 build/man/*.7 '$(DESTDIR)$(PREFIX)/share/man/man7'

demo: build ## run the main job on the sample data in configs/
	$(BIN) file --dir configs/data/people --schema configs/schema.yaml \
	  --with-column "result=concat(fname,'-',age)" --truncate=false --num-rows 3 --available-now

test: ## run all tests
	go test ./...

test-race: ## run all tests with the race detector
	GORACE=atexit_sleep_ms=10 go test -race -short ./... # by default, each test process sleeps for a second before it exits

cover: ## run all tests and print the coverage of each package
	go test -cover ./...

cross: ## build for every supported system
	for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64; do \
	  echo $$target; GOOS=$${target%/*} GOARCH=$${target#*/} CGO_ENABLED=0 go build -o /dev/null ./cmd/streamctl || exit 1; done

lint: ## gofmt, vet, shellcheck, golangci-lint (including layers), dead code, wording, govulncheck
	sh scripts/lint.sh

fuzz: ## run each fuzz target for a short time
	sh scripts/fuzz.sh

difffuzz: ## compare COUNT random expressions with Apache Spark (SEED repeats a run)
	sh scripts/difffuzz/run.sh

difffuzz-readers: ## compare both CSV and JSON readers on COUNT random files
	sh scripts/difffuzz/run.sh readers

difffuzz-streams: build ## compare COUNT random stateful jobs with Apache Spark, batch by batch, with restarts and kills
	sh scripts/difffuzz/run.sh streams

bench: build ## measure start, latency, planning, expressions and GROUP BY, the latter two against DuckDB and Polars
	sh scripts/install-peers.sh
	for part in start small latency planning expressions grouping; do go run ./test/bench -streamctl $(BIN) -only $$part || exit 1; done

bench-peers: build ## compare whole jobs with DuckDB, Polars, chdb, Miller, mawk and Spark, and measure a directory with many files
	sh scripts/install-peers.sh
	-sh scripts/install-spark.sh
	go run ./test/bench -streamctl $(BIN) -only peers -runs 5
	go run ./test/bench -streamctl $(BIN) -only directory -runs 5

bench-state: build ## measure jobs with state, those that DuckDB, Polars, chdb, Miller, mawk and Spark can run as well against these
	sh scripts/install-peers.sh
	-sh scripts/install-spark.sh
	go run ./test/bench -streamctl $(BIN) -only state -runs 5 $(BENCH)

nexmark: build ## run the Nexmark queries on EVENTS events, compared with Spark on both state stores, and check answers with DuckDB and Polars
	sh scripts/install-peers.sh
	-sh scripts/install-spark.sh
	go run ./test/bench -streamctl $(BIN) -only nexmark -runs 3 -events $(EVENTS) $(BENCH)

docs: build ## generate docs/functions.md and docs/reference from the tables of the program
	$(BIN) functions --output markdown > docs/functions.md
	rm -rf docs/reference
	$(BIN) reference docs/reference

casts: ## draw the terminal sessions of the documentation, from the blocks of its pages
	go run ./test/casts

site: ## build the documentation as a site in build/site, strictly: a link that leads nowhere is an error
	sh scripts/site/build.sh

KILLS   ?= 1000
RUNS    ?= 10000
BATCHES ?= 10000
FILES   ?= 1000000
HISTORIES ?= 20000
EVENTS  ?= 1000000

crash: build ## stop the program KILLS times at random while files arrive; print lost and duplicate rows
	STREAMCTL=$(CURDIR)/$(BIN) KILLS=$(KILLS) go test -count=1 -v -timeout 3h -run 'TestStoppedAtRandom' ./test/crashtest

soak: build ## measure RUNS cron runs, BATCHES micro-batches, a source log of FILES files, and a dead link
	STREAMCTL=$(CURDIR)/$(BIN) SOAK=1 RUNS=$(RUNS) BATCHES=$(BATCHES) FILES=$(FILES) \
	  go test -count=1 -v -timeout 3h -run 'TestMany|TestALongSourceLog|DiesSilently' ./test/crashtest

torture: crash soak ## crash, soak, HISTORIES random histories, and all power failures with all kinds of data loss
	HISTORIES=$(HISTORIES) go test -count=1 -v -timeout 1h -run 'TestNoRowIsLostSilently' ./test/crashtest
	CRASH=full go test -count=1 -v -timeout 1h -run 'Operation' ./test/crashtest

handover: build ## move queries with and without state between streamctl and Apache Spark, with kills
	sh scripts/handover/run.sh

release-snapshot: ## build archives, packages, SBOMs and checksums of this commit in build/release
	sh scripts/release/build.sh

scale: build ## measure how the cost of both engines scales with rows, batches, files, streams and state
	sh scripts/scale/run.sh

spark-test: build ## run some jobs on Apache Spark and compare the engines
	sh scripts/spark-test.sh

spark-test-full: build ## run all jobs and checkpoints of the corpus, a single-machine cluster, pipelines, the commands of docs/SPARK.md, and handover
	FULL=1 sh scripts/spark-test.sh
	sh scripts/handover/run.sh

clean: ## remove all build output
	rm -rf bin build
