"""A page as the tests look at it."""

from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """What the tests ask of a page: tags that close, ids, links, pictures and the text of figures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.alts: list[str | None] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self.links += [str(given[key]) for key in ("src", "href", "xlink:href", "srcset") if key in given]
        if tag == "img":
            self.alts.append(given.get("alt"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open = self.open if tag in VOID else self.open[:-1]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def needs_nothing_else(self) -> bool:
        """Whether every link and picture is in the page itself."""
        inside = [link.startswith("data:") or link.removeprefix("#") in self.ids for link in self.links]
        return all(inside) and bool(self.links)

    def section(self, name: str) -> str:
        return self.html.partition(f'<section id="{name}">')[2].partition("</section>")[0]
