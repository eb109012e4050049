"""The emulated Pi's disk and kernel: made once per release and recipe, and never written to afterwards."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
RELEASES = ("trixie", "bookworm")

# what the image is made from; when one changes, another image is made
RECIPE = ("build.sh", "guest")


@dataclass(frozen=True, slots=True)
class Image:
    """What a machine boots from.

    Attributes:
        release: of Debian.
        folder: holds disk.ext4, vmlinuz, initrd.img, the private key `id` and host_key.pub.
    """

    release: str
    folder: Path


def cache() -> Path:
    """Where images are kept: `$DIGITCAM_PI_CACHE`, else build/pi."""
    return Path(os.environ.get("DIGITCAM_PI_CACHE") or REPOSITORY / "build" / "pi").resolve()


def image(release: str) -> Image:
    """The image of a release, built now if that has not been done.

    Raises:
        SystemExit: it cannot be built; the tools' own messages say why.
    """
    folder = cache() / f"{release}-{_digest()}"
    if not folder.is_dir():
        _build(release, folder)
    return Image(release, folder)


def _build(release: str, folder: Path) -> None:
    began = time.monotonic()
    print(f"building the emulated Pi, {release}: 5 to 20 minutes, once ...", flush=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # another name until it is whole
    partial = Path(tempfile.mkdtemp(prefix=f"{release}-", suffix=".partial", dir=folder.parent))
    try:
        for command in ((str(HERE / "tools.sh"),), (str(HERE / "build.sh"), release, str(partial))):
            if subprocess.run(command, check=False).returncode:
                raise SystemExit(f"the emulated Pi ({release}) cannot be built; see above")
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    print(f"built {folder} in {time.monotonic() - began:.0f} s", flush=True)


def _digest() -> str:
    """Eight letters that stand for the recipe."""
    digest = hashlib.sha256()
    for name in RECIPE:
        for path in sorted([HERE / name, *(HERE / name).rglob("*")]):
            if path.is_file():
                digest.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


if __name__ == "__main__":
    image(sys.argv[1])
