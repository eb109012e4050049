#!/usr/bin/env bash
# What the emulated Pi needs on this machine: installed when root on a Debian-like system, else named with the command to type.
set -euo pipefail

# package and a program of it
tools=(
    "mmdebstrap mmdebstrap"
    "qemu-system-arm qemu-system-aarch64"
    "qemu-utils qemu-img"
    "e2fsprogs mke2fs"
    "cpio cpio"
    "kmod depmod"
    "xz-utils xz"
    "openssh-client ssh"
    "debian-archive-keyring /usr/share/keyrings/debian-archive-keyring.gpg"
)
# not root: files that belong to root, in a user namespace
((EUID == 0)) || tools+=("uidmap newuidmap")
# arm64 programs that run here while packages are set up; mmdebstrap asks arch-test whether they do
[[ $(uname -m) == aarch64 ]] ||
    tools+=("qemu-user-static qemu-aarch64-static" "binfmt-support update-binfmts" "arch-test arch-test")

PATH=$PATH:/usr/sbin:/sbin
missing=()
for tool in "${tools[@]}"; do
    read -r package program <<<"$tool"
    command -v "$program" >/dev/null || [[ -f $program ]] || missing+=("$package")
done

if ((${#missing[@]})); then
    if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
        echo "the emulated Pi needs: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    echo "installing ${missing[*]} ..."
    apt-get update -qq
    apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
fi

if [[ $(uname -m) != aarch64 && ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]]; then
    if ((EUID != 0)); then
        echo "arm64 programs do not run here yet: sudo update-binfmts --enable qemu-aarch64" >&2
        exit 1
    fi
    # mounts binfmt_misc where nothing else has: a container without systemd
    update-binfmts --enable qemu-aarch64
fi
