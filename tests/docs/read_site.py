"""Reads a built site: every link inside it leads to a file, nothing is loaded from elsewhere, and the parts are there.

usage: read_site.py SITE
"""

import html.parser
import pathlib
import sys
import urllib.parse

EXPECTED = {
    "index.html": "Learns sparse features",
    "zh-CN.html": "稀疏特征",
    "tutorial.html": "wta train --data pictures",
    "tutorial-python.html": "right on features:",  # printed by a cell
    "reference/python.html": "Share of the mini-batch",  # of the option table
    "reference/cpp/structwta_1_1Model.html": "Everything needed to encode",
    "options.html": "kl_weight",
    "decisions/0001-column-tiles-in-the-decoder.html": "decoder",
    "repository/results/mnist-fc.json": "seed",
}


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.followed = []
        self.loaded = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "a":
            self.followed.append(attributes.get("href"))
        elif tag in ("img", "script"):
            self.loaded.append(attributes.get("src"))
        elif tag == "link":
            self.loaded.append(attributes.get("href"))


def problems_of(page):
    links = Links()
    links.feed(page.read_text())
    for link in filter(None, links.followed + links.loaded):
        url = urllib.parse.urlparse(link)
        if url.scheme or url.netloc:
            if link in links.loaded:
                yield f"{page}: loads {link}"
        elif url.path and not (page.parent / urllib.parse.unquote(url.path)).exists():
            yield f"{page}: {link} leads nowhere"


def main():
    site = pathlib.Path(sys.argv[1])
    problems = [f"{name}: lacks '{text}'" for name, text in EXPECTED.items() if text not in (site / name).read_text()]
    pages = [page for page in site.rglob("*.html") if page.name != "404.html"]  # its links are from the server's root
    for page in pages:
        problems += problems_of(page)
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(pages)} pages")


if __name__ == "__main__":
    main()
