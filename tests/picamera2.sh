#!/bin/sh
# Test the picamera2 adapter with the real package, in a Debian 13 root of its own: libcamera's Python is in Debian,
# picamera2 is not. Debian's libcamera has a `virtual` camera, which needs no hardware. Takes about five minutes, and
# less than half of one where the root is there already. Needs root, mmdebstrap and 1.2 GB.
#
#   tests/picamera2.sh FOLDER     where the root is, or is to be
set -eu
[ "$(id -u)" = 0 ] || { echo "needs root: sudo make test-picamera2" >&2; exit 1; }
command -v mmdebstrap >/dev/null || { echo "needs mmdebstrap: sudo apt install mmdebstrap" >&2; exit 1; }
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
root=$(cd "$1" && pwd)

if ! [ -e "$root/.made" ]; then
    rm -rf "$root"
    mmdebstrap --quiet --variant=apt \
        --include=ca-certificates,gcc,python3-dev,python3-venv,python3-libcamera,libcamera-ipa,python3-prctl \
        trixie "$root"
    mkdir -p "$root/usr/share/libcamera/pipeline/virtual"
    cat >"$root/usr/share/libcamera/pipeline/virtual/virtual.yaml" <<'YAML'
"Virtual0":
  supported_formats:
  - width: 640
    height: 480
    frame_rates:
    - 30
    - 60
  test_pattern: "bars"
  location: "CameraLocationFront"
  model: "Virtual Video Device"
YAML
    # this machine's, so that a mirror with a certificate of its own is trusted there too
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    chroot "$root" python3 -m venv --system-site-packages /venv
    # picamera2's own list of what it needs asks for a build of prctl, which Debian has
    chroot "$root" /venv/bin/pip install --quiet --no-deps picamera2==0.3.38
    chroot "$root" /venv/bin/pip install --quiet av jsonschema libarchive-c msgspec numpy opencv-python-headless \
        OpenEXR PiDNG piexif pillow pytest==9.2.0 simplejpeg tqdm videodev2
    touch "$root/.made"
fi

rm -rf "$root/src"
mkdir "$root/src"
cp -r "$here/device" "$here/tests" "$here/pyproject.toml" "$root/src"
chroot "$root" sh -c 'cd /src && PYTHONPATH=device LIBCAMERA_LOG_LEVELS="*:FATAL" \
    /venv/bin/python -m pytest -q -p no:cacheprovider tests/device/test_cameras_picamera.py'
