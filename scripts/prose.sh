#!/bin/sh
# Checks the wording of comments, documentation and help: it reports phrases that a native speaker would not write, with their remedy.
set -eu
cd "$(dirname "$0")/.."

# Files and directories to check. docs/functions.md and docs/reference are generated.
checked="README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md Makefile docs scripts configs cmd internal test"

# prose prints FILE:LINE: TEXT for the comments of Go files, and for all lines of other files and of those with the help.
prose() {
	# shellcheck disable=SC2086 # a list
	find $checked -type f \( -name '*.go' -o -name '*.md' -o -name '*.sh' -o -name '*.py' -o -name '*.yaml' -o -name Makefile \) \
		! -path '*/testdata/*' ! -path docs/functions.md ! -path 'docs/reference/*' ! -path scripts/prose.sh -exec awk '
		FILENAME ~ /\.go$/ && FILENAME !~ /internal\/cli\/[a-z]*\.go$|internal\/job\/flags\.go$/ {
			if (!match($0, /(^|[ \t])\/\/ /)) next
			$0 = substr($0, RSTART + RLENGTH)
		}
		{ sub(/^[ \t]*\/\/ /, ""); print FILENAME ":" FNR ": " $0 }' {} +
}

text=$(mktemp)
trap 'rm -f "$text"' EXIT
prose >"$text"

found=0
# phrase reports the lines that match the pattern $1, except those that match $3; $2 is the remedy.
phrase() {
	hits=$(grep -E "$1" "$text" | grep -vE "${3:-^$}" || true)
	if [ -n "$hits" ]; then
		printf '%s\n' "$hits" | sed "s/$/\n\t=> $2/" >&2
		found=1
	fi
}

phrase '^[^ ]+: ([A-Za-z_]+|It|it) gives? ' 'write "returns", "yields" or "provides"'
phrase '\bgives? NULL\b' 'write "returns NULL"'
phrase '\b(is|are|was|were) no [a-z]+' 'write "is not a …"' '[Tt]here (is|are|was|were) no|(is|are) no (longer|more|later)'
phrase '\b[Nn]obody\b' 'write "no one", or name who it is'
phrase '\bhears? (of|that)\b' 'write "is notified of", or "records"'
phrase '\bwhat stands\b|\bthat stands? (in|at|there|before|behind)\b' 'say what is there: "the text in", "values that are in"'
phrase '\bat hand\b' 'write "current"'
phrase '\bgo(es)? by\b' 'write "follows", "uses" or "depends on"'
phrase '\bbeats? (it|them)\b' 'write "overrides"'
phrase '\bof (its|their|his) own\b' 'write "its own …", or "a separate …"'
phrase '\bmakes? NULL of\b' 'write "returns NULL for"'
phrase '\bfor ever\b' 'write "forever"'
phrase '\bbeside\b' 'write "next to", "besides" or "in addition to"' ': beside is '
phrase '\bone behind the other\b' 'write "in sequence"'
phrase '\b(is|are) told\b' 'write "is reported", or "is logged"'
phrase '\btakes? in what\b' 'write "processes"'
phrase '\bwhat is there\b' 'say what it is: "existing files", "available input"'
phrase ', as (in )?Spark[.;]' 'write "as Spark does", or "as in Spark, …"'
phrase '(^[^ ]+:|[.;]) [Ww]ho [a-z]+s\b' 'write "a user who …", or "if you …"'
exit $found
