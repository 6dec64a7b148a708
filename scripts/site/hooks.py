"""Adds the pages at the root of the repository to the site, with README.md as its first page."""

import pathlib
import re

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = {"README.md": "index.md", "CHANGELOG.md": "CHANGELOG.md", "CONTRIBUTING.md": "CONTRIBUTING.md", "SECURITY.md": "SECURITY.md"}


def on_files(files, config):
    for name, page in PAGES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        text = re.sub(r"\]\(docs/", "](", text)
        files.append(File.generated(config, page, content=links(text)))
    return files


def on_page_markdown(markdown, page, config, files):
    if page.file.src_uri in PAGES.values():
        return markdown
    up = "../" * page.file.src_uri.count("/")
    return re.sub(r"\]\((?:\.\./)+(" + "|".join(PAGES) + r")", lambda m: "](" + up + PAGES[m[1]], markdown)


def links(text):
    """Lets links between the pages at the root lead to their places in the site."""
    return re.sub(r"\]\((" + "|".join(PAGES) + r")", lambda m: "](" + PAGES[m[1]], text)
