#!/bin/sh
# Runs once while the image is made; $1 is the root of the new system, $2 the folder with our own files.
set -eu
root=$1
ours=$2

echo lab > "$root/etc/hostname"
printf '127.0.0.1 localhost lab\n' > "$root/etc/hosts"
printf 'LABEL=labroot / ext4 defaults 0 1\nLABEL=LABESP /boot/efi vfat umask=0077,nofail 0 1\n' > "$root/etc/fstab"
mkdir -p "$root/boot/efi"
: > "$root/etc/machine-id"

# root by key; "owner" may administer with a password; "tester" may not.
chroot "$root" useradd -m -s /bin/bash tester
chroot "$root" useradd -m -s /bin/bash -G libvirt,kvm,sudo owner
printf 'tester:tester\nowner:owner\nroot:root\n' | chroot "$root" chpasswd
for user in root tester owner; do
  home=/home/$user
  if [ "$user" = root ]; then home=/root; fi
  mkdir -p "$root$home/.ssh"
  cp "$ours/key.pub" "$root$home/.ssh/authorized_keys"
  chmod 700 "$root$home/.ssh"
  chroot "$root" chown -R "$user:" "$home/.ssh"
done

# One fixed address on QEMU's user network: nothing to wait for.
cat > "$root/etc/systemd/network/10-lab.network" <<'F'
[Match]
Driver=virtio_net
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
F
chroot "$root" systemctl enable systemd-networkd ssh serial-getty@ttyS0 > /dev/null 2>&1
chroot "$root" systemctl disable systemd-networkd-wait-online apt-daily.timer apt-daily-upgrade.timer man-db.timer \
  e2scrub_all.timer fstrim.timer dpkg-db-backup.timer libvirt-guests > /dev/null 2>&1 || true
mkdir -p "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system.conf.d"
printf '[Journal]\nStorage=persistent\n' > "$root/etc/systemd/journald.conf.d/lab.conf"
# An emulated processor on a busy host is slow, not broken.
printf '[Manager]\nDefaultTimeoutStartSec=400s\nDefaultDeviceTimeoutSec=400s\n' > "$root/etc/systemd/system.conf.d/lab.conf"

# The default entry is what a person has: one-shot entries must not need GRUB_DEFAULT=saved.
# no_timer_check: on a busy host the emulated timer is late and the kernel takes the interrupt remapping for broken.
cat > "$root/etc/default/grub" <<'F'
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_RECORDFAIL_TIMEOUT=0
GRUB_DISTRIBUTOR=Lab
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="console=ttyS0,115200 net.ifnames=0 intel_iommu=on mitigations=off no_timer_check loglevel=6"
GRUB_TERMINAL="serial console"
GRUB_SERIAL_COMMAND="serial --speed=115200"
GRUB_DISABLE_OS_PROBER=true
F
# An emulated processor needs two minutes for a whole initramfs; with the modules of this machine it is half a minute.
printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n' > "$root/etc/initramfs-tools/conf.d/lab"
printf 'virtio_pci\nvirtio_blk\next4\ncrc32c\n' >> "$root/etc/initramfs-tools/modules"

# Guests have no network: what some of them install later lies ready.
mkdir -p "$root/opt/lab/debs"
chroot "$root" sh -c 'cd /opt/lab/debs && apt-get download systemd-boot linux-image-cloud-amd64 $(apt-cache depends linux-image-cloud-amd64 | sed -n "s/^  Depends: \(linux-image[^ ]*\)$/\1/p") > /dev/null 2>&1'
rm -f "$root"/opt/lab/debs/linux-image-cloud-amd64_*

# Our own awkward driver, and the kernel's sample mediated devices, built against this image's headers.
kernel=$(ls "$root/lib/modules" | sort -V | tail -n 1)
mkdir -p "$root/opt/lab/driver"
cp "$ours/driver/"* "$root/opt/lab/driver/"
chroot "$root" sh -c 'cd /tmp && apt-get download linux-source-6.12 > /dev/null 2>&1'
dpkg-deb --fsys-tarfile "$root"/tmp/linux-source*.deb | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' \
  | tar -xJ -C "$root/opt/lab/driver" --wildcards --strip-components=3 '*/samples/vfio-mdev/mtty.c' '*/samples/vfio-mdev/mbochs.c'
printf 'obj-m += mtty.o mbochs.o\n' >> "$root/opt/lab/driver/Makefile"
rm -f "$root"/tmp/linux-source*.deb
chroot "$root" make -s -C "/lib/modules/$kernel/build" M=/opt/lab/driver modules
chroot "$root" make -s -C "/lib/modules/$kernel/build" M=/opt/lab/driver modules_install
chroot "$root" depmod "$kernel"
chroot "$root" update-initramfs -u > /dev/null

# update-grub cannot look around in here: a small configuration starts the first boot, which makes the real one.
mkdir -p "$root/boot/grub"
cat > "$root/boot/grub/grub.cfg" <<F
serial --speed=115200
terminal_output serial
search --no-floppy --label labroot --set=root
linux /boot/vmlinuz-$kernel root=LABEL=labroot ro console=ttyS0,115200 net.ifnames=0 intel_iommu=on mitigations=off no_timer_check loglevel=6
initrd /boot/initrd.img-$kernel
boot
F
for script in first-boot systemd-boot; do
  cp "$ours/$script.sh" "$root/usr/local/sbin/lab-$script"
  chmod 755 "$root/usr/local/sbin/lab-$script"
done
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
