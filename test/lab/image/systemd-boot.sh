#!/bin/sh
# In a guest that was started by UEFI: systemd-boot takes GRUB's place, as the distribution's own package does it.
set -eu
export DEBIAN_FRONTEND=noninteractive
mountpoint -q /boot/efi
mkdir -p /etc/kernel
printf 'root=LABEL=labroot ro console=ttyS0,115200 net.ifnames=0 intel_iommu=on mitigations=off no_timer_check loglevel=6\n' > /etc/kernel/cmdline
dpkg -i /opt/lab/debs/systemd-boot_*.deb
bootctl install --no-pager
kernel-install add "$(uname -r)" "/boot/vmlinuz-$(uname -r)" "/boot/initrd.img-$(uname -r)"
printf 'timeout 0\n' > /boot/efi/loader/loader.conf
dpkg --purge --force-depends grub-pc
rm -rf /boot/grub
bootctl list --no-pager
sync
