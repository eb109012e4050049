#!/usr/bin/env bash
# Build an arm64 Debian that resembles Raspberry Pi OS Lite: build.sh RELEASE FOLDER
#
# FOLDER gets disk.ext4, vmlinuz, initrd.img, version (of the kernel), the key pair `id` that user pi is entered with,
# and `host_key.pub` to know the machine by. Root is not needed where user namespaces and /etc/subuid are set up.
set -euo pipefail

release=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin:/sbin

# What Raspberry Pi OS Lite has that digitcam, its deployment or a person at it meets.
packages=(
    systemd systemd-sysv systemd-timesyncd dbus udev kmod e2fsprogs procps psmisc
    openssh-server sudo ca-certificates rsync less nano usbutils iproute2 netbase
    python3 python3-venv python3-numpy v4l-utils busybox-static make avahi-daemon
)
disk_size=6G

umask 022
work=$(mktemp -d "${TMPDIR:-/tmp}/digitcam-pi.XXXXXX")
chmod 755 "$work"  # the root of a user namespace is somebody else here
as_root() { if ((EUID == 0)); then "$@"; else unshare --map-root-user --map-auto "$@"; fi; }
trap 'as_root rm -rf "$work"' EXIT

# This machine's own mirror of Debian, where it has one; else mmdebstrap's default. Security updates come in
# with the release's point updates: this machine is never exposed.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Component: main' | sed -n 1p)

ssh-keygen -q -t ed25519 -N '' -C 'pi, emulated' -f "$folder/id"
ssh-keygen -q -t ed25519 -N '' -C 'the emulated Pi' -f "$work/host_key"
cp "$work/host_key.pub" "$folder/host_key.pub"

cat >"$work/configure.sh" <<'CONFIGURE'
set -eu
useradd --create-home --shell /bin/bash --groups sudo,video,plugdev,systemd-journal pi
echo 'pi ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/010_pi-nopasswd
chmod 440 /etc/sudoers.d/010_pi-nopasswd
systemctl --quiet enable systemd-networkd ssh
# nothing may work in the background while a test waits
systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
rm -f /etc/ssh/ssh_host_*
CONFIGURE

# The kernel unpacked, not installed: its initramfs would take 10 minutes under emulation, and ours is smaller.
# Downloaded by this machine's apt, told what the root's would know.
cat >"$work/kernel.sh" <<'KERNEL'
set -eu
mkdir "$1/kernel"
cd "$1/kernel"
export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
apt-get download -qq "$(apt-cache depends --important linux-image-arm64 | awk '/Depends: linux-image-/ { print $2; exit }')"
KERNEL

# NumPy's own tests need no bytecode, which takes minutes to compile under emulation.
mkdir "$work/exclude"
echo 're|-4.0|/usr/lib/python3/dist-packages/numpy|.*/tests/.*' >"$work/exclude/numpy-tests"

mmdebstrap --arch=arm64 --variant=apt --include="$(IFS=,; echo "${packages[*]}")" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt=force-unsafe-io \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --essential-hook='mkdir -p "$1/usr/share/python3/bcep"' \
    --essential-hook="copy-in $work/exclude/numpy-tests /usr/share/python3/bcep" \
    --customize-hook='chroot "$1" /bin/sh -s <"'"$work"'/configure.sh"' \
    --customize-hook='sh "'"$work"'/kernel.sh" "$1"' \
    "$release" "$work/root.tar" ${mirror:+"$mirror"}

cat >"$work/pack.sh" <<'PACK'
set -euo pipefail
folder=$1 work=$2 guest=$3 disk_size=$4
root=$work/root
mkdir "$root"
tar -xf "$work/root.tar" -C "$root" --numeric-owner --exclude='./dev/*'

# the kernel; --keep-directory-symlink because older packages say /lib and the root's /lib is a link
dpkg-deb --fsys-tarfile "$root"/kernel/*.deb | tar -x -C "$root" --keep-directory-symlink
rm -r "$root/kernel"
version=$(cd "$root/usr/lib/modules" && echo *)
depmod --basedir "$root" "$version"
cp "$root/boot/vmlinuz-$version" "$folder/vmlinuz"
echo "$version" >"$folder/version"

# what makes it a machine, and this machine
cp -r "$guest/." "$root/"
install -m 600 "$work/host_key" "$root/etc/ssh/ssh_host_ed25519_key"
install -m 644 "$folder/host_key.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
install -d -m 700 "$root/home/pi/.ssh"
install -m 600 "$folder/id.pub" "$root/home/pi/.ssh/authorized_keys"
chown -R --reference "$root/home/pi" "$root/home/pi/.ssh"
: >"$root/etc/machine-id"  # systemd makes one at the first boot

# an initrd that loads what stands between the kernel and its root, and goes there
initrd=$work/initrd
mkdir -p "$initrd"/{bin,dev,proc,root,modules}
cp "$root/bin/busybox" "$initrd/bin/busybox"
number=100
for module in virtio_pci virtio_blk ext4; do
    modprobe --dirname "$root" --set-version "$version" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
    name=$(basename "$path" .xz)
    if [[ $path == *.xz ]]; then xz -dc "$path"; else cat "$path"; fi >"$initrd/modules/$number-$name"
    number=$((number + 1))
done
cat >"$initrd/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t proc proc /proc
for module in /modules/*; do /bin/busybox insmod "$module"; done
while [ ! -b /dev/vda ]; do /bin/busybox sleep 0.1; done
/bin/busybox mount -t ext4 -o ro /dev/vda /root
/bin/busybox umount /proc
/bin/busybox umount /dev
exec /bin/busybox switch_root /root /sbin/init
INIT
chmod +x "$initrd/init"
(cd "$initrd" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -6) >"$folder/initrd.img"

rm -rf "${root:?}"/var/cache/apt/* "${root:?}"/var/lib/apt/lists/*
truncate --size="$disk_size" "$folder/disk.ext4"
mke2fs -q -t ext4 -L root -d "$root" "$folder/disk.ext4"
PACK
as_root bash "$work/pack.sh" "$folder" "$work" "$here/guest" "$disk_size"
