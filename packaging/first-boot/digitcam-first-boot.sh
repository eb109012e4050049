#!/bin/sh
# Have digitcam installed on this Raspberry Pi as soon as it is in the network. Run once, as root, at the first start: by
# cloud-init (user-data) or by Raspberry Pi Imager's firstrun.sh. The package lies beside this file, on the boot partition.
set -eu

boot=$(cd "$(dirname "$0")" && pwd)

cat >/usr/local/sbin/digitcam-first-boot <<SCRIPT
#!/bin/sh
# Written at the first start; goes when it has done its work.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update
camera=\$(apt-cache pkgnames python3-picamera2 | grep -x python3-picamera2 || true)
apt-get install --yes --no-install-recommends \$camera avahi-daemon $boot/digitcam_*_all.deb
systemctl disable digitcam-first-boot.service
rm -f /etc/systemd/system/digitcam-first-boot.service /usr/local/sbin/digitcam-first-boot
SCRIPT
chmod 755 /usr/local/sbin/digitcam-first-boot

cat >/etc/systemd/system/digitcam-first-boot.service <<'UNIT'
[Unit]
Description=Install digitcam, once
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/digitcam-first-boot
# Until the network is there, and the package archive answers.
Restart=on-failure
RestartSec=30

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable digitcam-first-boot.service
# does nothing where systemd has not come so far yet: then the next start begins it
systemctl start --no-block digitcam-first-boot.service || true
