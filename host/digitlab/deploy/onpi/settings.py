"""The user's settings as a file: what a deployment writes there can be taken back."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping

from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.whole import write

READABLE = 0o644  # passwords lie elsewhere


class Settings:
    """The file, and what it was before anything was written."""

    def __init__(self, layout: Layout) -> None:
        """Read it, where it is there."""
        self._path = layout.config
        self._record = layout.record
        self._before = self._path.read_bytes() if self.exists else None

    @property
    def exists(self) -> bool:
        """Whether there is one."""
        return self._path.exists()

    @property
    def untouched(self) -> bool:
        """Whether it is as a deployment wrote it."""
        return self.exists and self._record.exists() and _digest(self._path.read_bytes()) == self._record.read_text()

    def create(self, text: str) -> None:
        """Write it where there is none."""
        write(self._record, _digest(text.encode()))
        self._write(text)

    def change(self, values: Mapping[str, object]) -> None:
        """Set some values, by `section.key`; a file that a person changed stays theirs.

        Raises:
            DeploymentError: it is not TOML, or cannot be changed so that it still is.
        """
        try:
            # with or without the byte order mark that Windows' editors put before it
            text = self._path.read_text(encoding="utf-8-sig")
            for name, value in values.items():
                text = set_value(text, name, value)
            tomllib.loads(text)
        except ValueError as error:
            what = "it is not in UTF-8" if isinstance(error, UnicodeDecodeError) else error
            raise DeploymentError(f"{self._path}: {what}; put that right, or set {', '.join(values)} there") from error
        if self.untouched:
            write(self._record, _digest(text.encode()))
        self._write(text)

    def restore(self) -> bool:
        """Make it what it was before; whether it had become something else."""
        if self._before is None:
            changed = self.exists
            self._path.unlink(missing_ok=True)
            return changed
        if self._path.read_bytes() == self._before:
            return False
        if self.untouched:
            write(self._record, _digest(self._before))
        self._write(self._before.decode())
        return True

    def _write(self, text: str) -> None:
        write(self._path, text, mode=self._path.stat().st_mode & 0o7777 if self.exists else READABLE)


def set_value(text: str, name: str, value: object) -> str:
    """Set one value in a TOML file, in its own line, with every other line as it is.

    A line that only explains the setting, `# key = ...`, becomes it; else it comes first in its section, and a section
    that is not there comes last.

    Args:
        text: of the file.
        name: `section.key`.
        value: text, or a truth value.
    """
    section, _, key = name.partition(".")
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    head = re.search(rf"^[ \t]*\[[ \t]*{section}[ \t]*\][ \t]*(?:#.*)?$", text, re.MULTILINE)
    if not head:
        return f"{text.rstrip()}\n\n[{section}]\n{line}\n".lstrip()
    rest = text[head.end() :]
    end = re.search(r"^[ \t]*\[", rest, re.MULTILINE)
    body, after = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    for pattern in (rf"^[ \t]*{key}[ \t]*=.*$", rf"^#[ \t]*{key}[ \t]*=.*$"):
        found = re.search(pattern, body, re.MULTILINE)
        if found:
            body = f"{body[: found.start()]}{line}{body[found.end() :]}"
            break
    else:
        body = f"\n{line}{body}"
    return f"{text[: head.end()]}{body}{after}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
