"""Where everything lies."""

from dataclasses import dataclass
from pathlib import Path

UNIT = "digitcam.service"
PROGRAM = "bin/digitcam"  # within a release


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths, below `prefix`.

    `current` is the one thing that a switch changes: a link to a release, and the unit that systemd reads is reached
    through it, so code, model, environment and unit change in one rename.
    """

    prefix: Path = Path("/")

    @property
    def home(self) -> Path:
        """Everything that is deployed."""
        return self.prefix / "opt/digitcam"

    @property
    def releases(self) -> Path:
        """One folder a release, named after its content."""
        return self.home / "releases"

    @property
    def environments(self) -> Path:
        """One folder a set of wheels, named after them; releases share them."""
        return self.home / "environments"

    @property
    def incoming(self) -> Path:
        """What was copied here and is not installed yet, one folder a release."""
        return self.home / "incoming"

    @property
    def current(self) -> Path:
        """Link to the release that runs."""
        return self.home / "current"

    @property
    def previous(self) -> Path:
        """Link to the release that ran well before it."""
        return self.home / "previous"

    @property
    def lock(self) -> Path:
        """Held while anything here is changed."""
        return self.home / "lock"

    @property
    def record(self) -> Path:
        """SHA-256 of the configuration as it was created, to tell later whether a person changed it."""
        return self.home / "config.sha256"

    @property
    def config(self) -> Path:
        """The user's settings."""
        return self.prefix / "etc/digitcam.toml"

    @property
    def credentials(self) -> Path:
        """The user's passwords."""
        return self.prefix / "etc/digitcam"

    @property
    def unit(self) -> Path:
        """Link to the current release's unit."""
        return self.prefix / "etc/systemd/system" / UNIT

    @property
    def wanted(self) -> Path:
        """Link that has systemd start it at boot: what `systemctl enable` makes, but through `current` as well."""
        return self.unit.parent / "multi-user.target.wants" / UNIT

    @property
    def command(self) -> Path:
        """Link to the current release's program, so that a person finds it by its name."""
        return self.prefix / "usr/local/bin/digitcam"

    @property
    def drop_ins(self) -> Path:
        """The user's additions to the unit."""
        return self.unit.with_name(f"{UNIT}.d")

    @property
    def state(self) -> Path:
        """What the service keeps: systemd's StateDirectory= with DynamicUser=."""
        return self.prefix / "var/lib/private/digitcam"

    @property
    def status(self) -> Path:
        """What the service tells of itself while it runs: systemd's RuntimeDirectory=."""
        return self.prefix / "run/digitcam/status.json"

    @property
    def page_password(self) -> Path:
        """What the service made for its page."""
        return self.state / "web-password"
