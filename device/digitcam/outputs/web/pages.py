"""The files of the pages, held in memory: no path leads anywhere else."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from digitcam.files import PACKAGE

STATIC = "/static/"
INDEX, DOCS = "index.html", "docs.html"
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class Pages:
    """Answers with a file; a browser keeps it, and asks whether it is still the same.

    Attributes:
        paths: those that are answered.
    """

    def __init__(self) -> None:
        """Read every file."""
        self._files: dict[str, Response] = {}
        for file in (PACKAGE / "outputs" / "web" / "static").iterdir():
            data = file.read_bytes()
            headers = {"cache-control": "no-cache", "etag": f'"{sha256(data).hexdigest()[:16]}"'}
            headers["content-type"] = TYPES[file.name.rpartition(".")[2]]
            path = {INDEX: "/", DOCS: "/api/docs"}.get(file.name, STATIC + file.name)
            self._files[path] = Response(data, headers=headers)
        self.paths = list(self._files)

    async def answer(self, request: Request) -> Response:
        """Give the file of this path, or that it is unchanged."""
        file = self._files[request.url.path]
        if request.headers.get("if-none-match") == file.headers["etag"]:
            return Response(status_code=304, headers={"etag": file.headers["etag"], "cache-control": "no-cache"})
        return file
