"""The user's settings: created where there are none, and changed where that was asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from digitlab.deploy.onpi.layout import PROGRAM
from digitlab.deploy.onpi.process import run
from digitlab.deploy.onpi.settings import set_value
from digitlab.deploy.onpi.steps.base import Work
from digitlab.deploy.onpi.tell import tell

# What an installation has and a bare `digitcam run` has not: the page, on the local network. The service makes the
# password at its first start.
PAGE: Mapping[str, object] = {
    "web.enabled": True,
    "web.host": "0.0.0.0",  # noqa: S104  # behind a password
    "web.password_file": "/var/lib/digitcam/web-password",
}


def first_settings(example: str, asked: Mapping[str, str]) -> str:
    """Take nothing of a file in which every setting has its default, but the page and what was asked for."""
    text = re.sub(r"^(?=\w+ = )", "# ", example, flags=re.MULTILINE)
    for name, value in {**PAGE, **asked}.items():
        text = set_value(text, name, value)
    return text


@dataclass(frozen=True, slots=True)
class CreateSettings:
    """Create the file: every setting explained, and none set but the page and what was asked for.

    Attributes:
        path: of the file.
        asked: by `section.key`.
    """

    path: str
    asked: Mapping[str, str]

    def __str__(self) -> str:
        more = "".join(f", {name} = {value}" for name, value in self.asked.items())
        return f"create {self.path}: every setting explained, the page on and behind a password{more}"

    def carry_out(self, work: Work) -> None:
        """Create it, unless it is there.

        Raises:
            DeploymentError: the release does not tell its settings.
        """
        if work.settings.exists:
            return
        program = str(work.release / PROGRAM)
        example = run([program, "config", "--example"], what="ask the release for its settings")
        work.settings.create(first_settings(example, self.asked))
        tell(f"{work.layout.config}: created; everything in it is explained")


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Set what was asked for in the user's file, and leave everything else in it as it is.

    Attributes:
        path: of the file.
        asked: by `section.key`.
    """

    path: str
    asked: Mapping[str, str]

    def __str__(self) -> str:
        return f"set {', '.join(f'{name} = {value}' for name, value in self.asked.items())} in {self.path}"

    def carry_out(self, work: Work) -> None:
        """Set it.

        Raises:
            DeploymentError: the file is not TOML.
        """
        work.settings.change(self.asked)
        tell(f"{work.layout.config}: {', '.join(self.asked)} set")
