// SPDX-License-Identifier: GPL-3.0-or-later

const head = `# If you change this file, run 'update-grub' afterwards to update
# /boot/grub/grub.cfg.
# For full documentation of the options in this file, see:
#   info -f grub -n 'Simple configuration'

GRUB_DEFAULT=0
GRUB_TIMEOUT=5
`;
const tail = `
# Uncomment to enable BadRAM filtering, modify to suit your needs
#GRUB_BADRAM="0x01234567,0xfefefefe,0x89abcdef,0xefefefef"

# Uncomment to disable graphical terminal
#GRUB_TERMINAL=console
#GRUB_DISABLE_RECOVERY="true"
`;

/** /etc/default/grub as distributions ship it and as people leave it; `plain` says whether one line of it can be edited. */
export const grubDefaults: readonly { readonly name: string; readonly plain: boolean; readonly text: string }[] = [
  {
    name: 'Debian',
    plain: true,
    text: `${head}GRUB_DISTRIBUTOR=\`lsb_release -i -s 2> /dev/null || echo Debian\`\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX=""\n${tail}`,
  },
  {
    name: 'Debian 13',
    plain: true,
    text: `${head}GRUB_DISTRIBUTOR=\`( . /etc/os-release && echo \${NAME} )\`\nGRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_CMDLINE_LINUX=""\n${tail}`,
  },
  {
    name: 'Ubuntu',
    plain: true,
    text: `GRUB_DEFAULT=0\nGRUB_TIMEOUT_STYLE=hidden\nGRUB_TIMEOUT=0\nGRUB_DISTRIBUTOR=\`( . /etc/os-release; echo \${NAME:-Ubuntu} ) 2>/dev/null || echo Ubuntu\`\nGRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_CMDLINE_LINUX=""\n`,
  },
  {
    name: 'Ubuntu server',
    plain: true,
    text: `GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT=""\nGRUB_CMDLINE_LINUX="console=tty1 console=ttyS0"\n`,
  },
  {
    name: 'Mint',
    plain: true,
    text: `GRUB_DEFAULT=0\nGRUB_TIMEOUT=10\nGRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_CMDLINE_LINUX=""\nGRUB_GFXMODE=640x480\n`,
  },
  {
    name: 'Proxmox',
    plain: true,
    text: `${head}GRUB_DISTRIBUTOR="Proxmox Virtual Environment"\nGRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on iommu=pt pcie_acs_override=downstream,multifunction"\nGRUB_CMDLINE_LINUX="root=ZFS=rpool/ROOT/pve-1 boot=zfs"\n`,
  },
  {
    name: 'Kali',
    plain: true,
    text: `GRUB_DEFAULT=saved\nGRUB_SAVEDEFAULT=true\nGRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_THEME="/boot/grub/themes/kali/theme.txt"\n`,
  },
  {
    name: 'Arch',
    plain: true,
    text: `GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="loglevel=3 quiet"\nGRUB_CMDLINE_LINUX=""\nGRUB_PRELOAD_MODULES="part_gpt part_msdos"\n`,
  },
  {
    name: 'Manjaro in single quotes',
    plain: true,
    text: `GRUB_DEFAULT=saved\nGRUB_CMDLINE_LINUX_DEFAULT='quiet splash udev.log_priority=3'\nGRUB_CMDLINE_LINUX=""\n`,
  },
  {
    name: 'openSUSE',
    plain: true,
    text: `GRUB_DISTRIBUTOR=\nGRUB_CMDLINE_LINUX_DEFAULT="splash=silent resume=/dev/disk/by-uuid/5f5f-11 mitigations=auto quiet security=apparmor"\nGRUB_CMDLINE_LINUX=""\n`,
  },
  {
    name: 'a remark behind the value',
    plain: true,
    text: `GRUB_CMDLINE_LINUX_DEFAULT="quiet" # no splash here\nGRUB_TIMEOUT=3\n`,
  },
  {
    name: 'an old value left as a remark',
    plain: true,
    text: `#GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_CMDLINE_LINUX_DEFAULT="quiet nomodeset"\n`,
  },
  { name: 'odd spacing', plain: true, text: `  GRUB_CMDLINE_LINUX_DEFAULT="  quiet   splash  "\n` },
  { name: 'no line break at the end', plain: true, text: `GRUB_TIMEOUT=1\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"` },
  { name: 'a bare word', plain: true, text: `GRUB_CMDLINE_LINUX_DEFAULT=quiet\n` },
  { name: 'arguments for init', plain: true, text: `GRUB_CMDLINE_LINUX_DEFAULT="quiet -- single"\n` },
  {
    name: 'quoted values inside single quotes',
    plain: true,
    text: `GRUB_CMDLINE_LINUX_DEFAULT='quiet dyndbg="file drivers/usb/* +p" splash'\n`,
  },
  { name: 'Windows line breaks', plain: false, text: `GRUB_CMDLINE_LINUX_DEFAULT="quiet" x\r\nGRUB_TIMEOUT=1\r\n` },
  { name: 'a variable inside', plain: false, text: `EXTRA="iommu=pt"\nGRUB_CMDLINE_LINUX_DEFAULT="quiet $EXTRA"\n` },
  { name: 'a command inside', plain: false, text: `GRUB_CMDLINE_LINUX_DEFAULT="quiet \`cat /etc/extra-args\`"\n` },
  { name: 'an escape', plain: false, text: `GRUB_CMDLINE_LINUX_DEFAULT="quiet acpi_osi=\\"Windows 2015\\""\n` },
  { name: 'a continued line', plain: false, text: `GRUB_CMDLINE_LINUX_DEFAULT="quiet \\\nsplash"\n` },
  { name: 'a line that continues another', plain: false, text: `FOO=bar \\\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\n` },
  {
    name: 'an appending assignment',
    plain: false,
    text: `GRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX_DEFAULT+=" splash"\n`,
  },
  {
    name: 'two assignments',
    plain: false,
    text: `GRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX_DEFAULT="splash"\n`,
  },
  {
    name: 'an assignment inside a condition',
    plain: false,
    text: `if true; then GRUB_CMDLINE_LINUX_DEFAULT="quiet"; fi\n`,
  },
  { name: 'an exported assignment', plain: false, text: `export GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n` },
];
