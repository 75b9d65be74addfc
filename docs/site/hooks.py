"""What the site has beside docs/*.md, and where links that leave docs/ lead.

The documents link to each other as files of the repository. On the site, docs/X is X, README.md is the first page, and any other
file of the repository is repository/X, with Markdown as a page.
"""

import os
import pathlib
import posixpath
import re

import nbconvert
from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).parents[2]
PAGES = {"index.md": "README.md", "zh-CN.md": "README.zh-CN.md"}
FROM_REPOSITORY = ["C*.md", "SECURITY.md", "CITATION.cff", "LICENSE", "python/*.md", "recipes/*.*", "results/*.json", "results/*.md", "examples/*.*"]


def on_config(config):
    """The pages of docs/decisions in their order."""
    decisions = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))
    decisions.insert(0, decisions.pop())  # README.md first
    config.nav.append({"Decisions": [f"decisions/{name}" for name in decisions]})
    return config


def on_files(files, config):
    parts = pathlib.Path(os.environ["WTA_SITE_PARTS"])  # made by build.sh
    for page, name in PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / name)))
    for pattern in FROM_REPOSITORY:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, f"repository/{name}", abs_src_path=str(path)))
    for path in sorted((ROOT / "docs/site/pages").glob("*.md")):
        files.append(File.generated(config, f"reference/{path.name}", abs_src_path=str(path)))
    for path in sorted((parts / "html").rglob("*")):
        if path.is_file():
            name = path.relative_to(parts / "html").as_posix()
            files.append(File.generated(config, f"reference/cpp/{name}", abs_src_path=str(path)))
    files.append(File.generated(config, "site.css", abs_src_path=str(ROOT / "docs/site/site.css")))
    add_notebook(parts / "tutorial-python.ipynb", files, config)
    return files


def add_notebook(path, files, config):
    """The notebook, with what its cells printed and drew, as a page."""
    text, resources = nbconvert.MarkdownExporter().from_filename(str(path))
    for name, content in resources["outputs"].items():
        text = text.replace(f"]({name})", f"](notebook/{name})")
        files.append(File.generated(config, f"notebook/{name}", content=content))
    files.append(File.generated(config, "tutorial-python.md", content=text))


def on_page_markdown(markdown, page, config, files):
    folder = posixpath.dirname(page.file.src_uri)
    folder_in_repository = posixpath.dirname(repository_path(page.file.src_uri))

    def on_the_site(match):
        code, link, anchor = match.groups(default="")
        if code:
            return code
        target = posixpath.normpath(posixpath.join(folder_in_repository, link))
        if (ROOT / target).is_dir():
            target += "/README.md"
        return f"]({posixpath.relpath(site_path(target), folder or '.')}{anchor})"

    return re.sub(r"(?ms)(^```.*?^```|`[^`]*`)|\]\(([\w./-]+)(#[^)]*)?\)", on_the_site, markdown)


def repository_path(uri):
    if uri.startswith("repository/"):
        return uri.removeprefix("repository/")
    return PAGES.get(uri, f"docs/{uri}")


def site_path(path):
    for page, name in PAGES.items():
        if path == name:
            return page
    if not path.startswith("docs/"):
        return f"repository/{path}"
    return re.sub(r"\.ipynb$", ".md", path.removeprefix("docs/"))
