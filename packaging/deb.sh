#!/usr/bin/env bash
# Build the Debian package, for every architecture: deb.sh PYTHON OUT
#
# PYTHON has digitlab's deployment. The same checkout gives the same bytes: files have the date of the last commit.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$1
out=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/digitcam-deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
umask 022
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

made=$work/made root=$work/root debian=packaging/debian
mkdir -p "$made" "$root"/{DEBIAN,usr/bin,usr/lib/digitcam,usr/lib/systemd/system,usr/share/{digitcam,man/man1,lintian/overrides}}
doc=$root/usr/share/doc/digitcam
mkdir -p "$doc/examples"
"$python" -m digitlab.deploy.packing.debian "$made"
version=$(cat "$made/version")

# the code, with the models that a link leads to
cp -rL device/digitcam "$root/usr/share/digitcam/digitcam"
find "$root/usr/share/digitcam" -name __pycache__ -prune -exec rm -rf {} +
install -m 644 "$made/requirements.txt" "$made/digitcam.toml" "$root/usr/share/digitcam/"
install -m 755 "$debian/environment" "$root/usr/lib/digitcam/make-environment"
install -m 755 "$debian/digitcam" "$root/usr/bin/digitcam"
install -m 644 "$made/digitcam.service" "$root/usr/lib/systemd/system/"

fill() { sed "s|@VERSION@|$version|; s|@DATE@|$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")|; s|@SIZE@|${size:-0}|" "$1"; }
install -m 644 "$debian/copyright" device/README.md "$doc/"
install -m 644 docs/digitcam.toml docs/config.md docs/cameras.md docs/web.md docs/mqtt.md docs/faults.md "$doc/examples/"
fill "$debian/changelog" | gzip -9n >"$doc/changelog.gz"
gzip -9nc "$debian/digitcam.1" >"$root/usr/share/man/man1/digitcam.1.gz"
install -m 644 "$debian/overrides" "$root/usr/share/lintian/overrides/digitcam"

for name in preinst postinst prerm postrm; do
    install -m 755 "$debian/$name" "$root/DEBIAN/$name"
done
install -m 644 "$debian/triggers" "$root/DEBIAN/triggers"
size=$(du -sk --exclude=DEBIAN "$root" | cut -f1)
fill "$debian/control" >"$root/DEBIAN/control"
chmod -R u=rwX,go=rX "$root"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch --no-dereference --date="@$SOURCE_DATE_EPOCH"

mkdir -p "$out"
dpkg-deb --root-owner-group --build -Zxz "$root" "$out/digitcam_${version}_all.deb" >/dev/null
echo "$out/digitcam_${version}_all.deb"
