#!/bin/sh
# Test the V4L2 adapter with a real driver: Debian 12's kernel has `vivid`, which acts a camera and fails on request. It
# is booted in a virtual machine, emulated, whose root is the one that tests/picamera2.sh makes, in memory. Takes three
# minutes. Needs root, mmdebstrap, qemu-system-x86, cpio, kmod and 4 GB of memory.
#
#   tests/v4l2.sh ROOT FOLDER     the root, and where the machine is, or is to be
set -eu
for tool in qemu-system-x86_64 cpio depmod; do
    command -v "$tool" >/dev/null || { echo "needs $tool: sudo apt install qemu-system-x86 cpio kmod" >&2; exit 1; }
done
here=$(cd "$(dirname "$0")/.." && pwd)
[ -e "$1/.made" ] || "$here/tests/picamera2.sh" "$1"
mkdir -p "$2"
root=$(cd "$1" && pwd)
cd "$2"

if ! [ -e .made ]; then
    rm -rf kernel root
    mkdir kernel root
    # the root's own apt may know a newer kernel; any with vivid will do
    chroot "$root" sh -c 'apt-get update -qq && cd /tmp && rm -f linux-image-*.deb &&
        apt-get download -qq "$(apt-cache depends linux-image-amd64 | awk "/Depends/ { print \$2 }")"'
    dpkg-deb -x "$root"/tmp/linux-image-*.deb kernel
    (cd "$root" && tar cf - --exclude=./src --exclude=./tmp --exclude=./var --exclude=./dev --exclude=./proc \
        --exclude=./sys --exclude=./usr/lib/gcc --exclude=./usr/libexec/gcc --exclude=./usr/include \
        --exclude=./usr/share/doc --exclude=./usr/share/locale --exclude='*.a' .) | tar xf - -C root
    mkdir root/dev root/proc root/sys root/tmp
    modules=$(echo kernel/usr/lib/modules/* kernel/lib/modules/*)
    for folder in $modules; do [ -d "$folder" ] && from=$folder; done
    release=$(basename "$from")
    mkdir -p root/usr/lib/modules
    cp -r "$from" root/usr/lib/modules/
    depmod -b root/usr "$release"
    # vivid, and what it needs, in the order in which they are loaded
    (cd "root/usr/lib/modules/$release" && awk -F ': ' '/\/vivid\.ko/ { n = split($2, need, " ")
        for (i = n; i > 0; i--) print need[i]; print $1 }' modules.dep >/tmp/vivid.$$
        mkdir /tmp/keep.$$
        while read -r file; do case $file in
            *.xz) xz -dc "$file" ;;
            *) cat "$file" ;;
        esac >"/tmp/keep.$$/$(basename "${file%.xz}")"; done </tmp/vivid.$$
        sed 's,.*/,,; s,\.xz$,,' /tmp/vivid.$$ >/tmp/keep.$$/order)
    rm -rf root/usr/lib/modules root/modules /tmp/vivid.$$
    mv /tmp/keep.$$ root/modules
    touch .made
fi

cat >root/init <<'PYTHON'
#!/usr/bin/python3
"""Mount, load the driver, run the tests, switch the machine off."""

import ctypes
import os
import subprocess
from pathlib import Path

FINIT_MODULE, POWER_OFF = 313, 0x4321FEDC  # x86-64
libc = ctypes.CDLL(None)
for kind, place in ((b"proc", b"/proc"), (b"sysfs", b"/sys"), (b"devtmpfs", b"/dev"), (b"tmpfs", b"/tmp")):
    libc.mount(kind, place, kind, 0, None)
for name in Path("/modules/order").read_text().split():
    descriptor = os.open(f"/modules/{name}", os.O_RDONLY)
    libc.syscall(FINIT_MODULE, descriptor, b"node_types=1" if name == "vivid.ko" else b"", 0)
done = subprocess.run(
    ["/venv/bin/python", "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", "tests/device/test_cameras_vivid.py"],
    cwd="/src",
    env={"PATH": "/usr/bin:/usr/sbin", "PYTHONPATH": "device", "HOME": "/tmp"},
    check=False,
)
print(f"tests ended with {done.returncode}", flush=True)
libc.reboot(POWER_OFF)
PYTHON
chmod +x root/init
rm -rf root/src
mkdir root/src
cp -r "$here/device" "$here/tests" "$here/pyproject.toml" root/src
(cd root && find . -print0 | cpio --null --create --format=newc --quiet) >initrd
timeout 900 qemu-system-x86_64 -machine q35 -cpu max -accel tcg,thread=multi -smp 2 -m 4G \
    -kernel "$(echo kernel/boot/vmlinuz-*)" -initrd initrd -append "console=ttyS0 quiet rdinit=/init panic=-1" \
    -nographic -no-reboot -nic none | tee machine.log
grep -q "tests ended with 0" machine.log
