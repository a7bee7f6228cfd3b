#!/bin/sh
# Once, inside the running image: lets the distribution install its own boot loader, so that later starts are a real Debian's.
set -eu
disk=$(lsblk -no pkname "$(findmnt -no SOURCE /)")
grub-install --target=i386-pc "/dev/$disk"
if mountpoint -q /boot/efi; then
  grub-install --target=x86_64-efi --efi-directory=/boot/efi --bootloader-id=debian --no-nvram
  grub-install --target=x86_64-efi --efi-directory=/boot/efi --removable --no-nvram
fi
grub-editenv - create
update-grub
systemctl disable --now grub-common > /dev/null 2>&1 || true
systemctl is-system-running --wait || true
virsh -q domcapabilities --virttype qemu --machine q35 > /dev/null
modprobe vfio-pci
udevadm settle
sync
