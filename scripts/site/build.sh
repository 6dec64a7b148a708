#!/bin/sh
# Builds the documentation as a site in build/site. mkdocs is installed into build/site-venv on first use, and when requirements.txt has changed.
set -eu
cd "$(dirname "$0")/../.."
venv=build/site-venv
if ! cmp -s scripts/site/requirements.txt "$venv/installed"; then
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet -r scripts/site/requirements.txt
	cp scripts/site/requirements.txt "$venv/installed"
fi
NO_MKDOCS_2_WARNING=1 "$venv/bin/mkdocs" build --strict
echo "site: build/site/index.html"
