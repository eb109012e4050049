#!/usr/bin/env bash
# Have a card that Raspberry Pi Imager wrote install digitcam at its first start: card.sh DEB BOOT
#
# BOOT is where the card's boot partition is mounted. The package and a script are put there, and Imager's own file for
# the first start, user-data (Trixie) or firstrun.sh (Bookworm), calls the script.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

deb=$1
boot=$2
script=digitcam-first-boot.sh

fail() { echo "$boot: $1" >&2; exit 1; }
[[ -d $boot ]] || fail "is no folder; where is the card's boot partition mounted?"
[[ -f $boot/cmdline.txt && -f $boot/config.txt ]] || fail "is no boot partition of a Raspberry Pi"

# user-data, with the call in its list of commands, be there one or not
called_by_cloud_init() {
    awk -v call="[sh, /boot/firmware/$script]" '
        waits { match($0, /^ */); print substr($0, 1, /^ *- / ? RLENGTH : 2) "- " call; waits = 0 }
        { print }
        /^runcmd:[ \t]*$/ { waits = done = 1 }
        END { if (waits) print "  - " call; else if (!done) print "runcmd:\n  - " call }
    ' "$1"
}

# firstrun.sh, with the call before it deletes itself; the partition is at /boot/firmware on Bookworm
called_by_imager() {
    awk -v call="sh /boot/firmware/$script" '
        /^rm -f .*firstrun\.sh/ && !done { print call; done = 1 }
        { print }
        END { exit !done }
    ' "$1"
}

change() {
    if ! grep -q "$script" "$boot/$1"; then
        "$2" "$boot/$1" >"$boot/$1.new" || { rm -f "$boot/$1.new"; fail "$1 is not as Raspberry Pi Imager writes it"; }
        mv "$boot/$1.new" "$boot/$1"
    fi
}

if [[ -f $boot/user-data ]]; then
    change user-data called_by_cloud_init
elif [[ -f $boot/firstrun.sh ]]; then
    change firstrun.sh called_by_imager
else
    fail "has neither user-data nor firstrun.sh: write the card with Raspberry Pi Imager, with a user and Wi-Fi in its settings"
fi
rm -f "$boot"/digitcam_*_all.deb
cp "$deb" "$here/first-boot/$script" "$boot/"
sync -f "$boot"
echo "$boot: installs digitcam at its first start, and then shows its page at http://NAME.local:8000"
