// SPDX-License-Identifier: GPL-3.0-or-later

/** One thing the rehearsal says a real machine does; a lab test can try the same and compare. */
export interface Claim {
  readonly id: string;
  readonly operation: string;
  readonly happens: string;
  /** Where it was seen: host.md facts tagged as executed, or the lab's record. Nothing is claimed from reading alone without saying so. */
  readonly source: string;
}

/** Everything the machine of memory claims about kernel, loader, generators and disk. It may claim only what was shown. */
export const claims = [
  { id: 'libvirt-keeps-vm', operation: 'define, start and end a VM of libvirt', happens: 'its definition lies in /etc/libvirt/qemu/<name>.xml, one of its state in /run/libvirt/qemu while it runs; domstate says "shut off" otherwise', source: 'test/helper/vm-state.real.test.ts, libvirt 9.0' },
  { id: 'libvirt-vm-files', operation: 'start a VM with UEFI and an emulated TPM', happens: '/var/lib/libvirt/qemu/nvram/<name>_VARS.fd (0600) and /var/lib/libvirt/swtpm/<uuid>/tpm2/tpm2-00.permall (0600, tss, in a folder 0700)', source: 'test/helper/vm-state.real.test.ts, libvirt 9.0 and swtpm 0.7.1; vm.md 1.1' },
  { id: 'override-null', operation: 'read driver_override when unset', happens: 'the text (null)', source: 'host.md 1.1.1 [V]' },
  { id: 'override-newline', operation: 'write a newline to driver_override', happens: 'it is unset', source: 'host.md 4.1 [S]' },
  { id: 'override-empty-write', operation: 'write nothing to driver_override', happens: 'nothing changes', source: 'host.md 4.1 [S]' },
  { id: 'override-while-bound', operation: 'write driver_override of a bound function', happens: 'the driver stays until unbind', source: 'host.md 4.1 [V]' },
  { id: 'override-across-unbind', operation: 'unbind a function with an override', happens: 'the override stays', source: 'host.md 4.1 [V]' },
  { id: 'override-lost-on-rescan', operation: 'remove and rescan a function with an override', happens: 'the override is gone', source: 'host.md 4.1 [V]' },
  { id: 'override-unknown-driver', operation: 'override to a driver nobody has, then drivers_probe', happens: 'returns 0 and the function has no driver', source: 'host.md 4.1 [V]' },
  { id: 'probe-lies', operation: 'drivers_probe of a function no driver wants', happens: 'returns 0', source: 'host.md 0.3 rule 4 [V]' },
  { id: 'probe-binds-override', operation: 'override, unbind, drivers_probe with vfio-pci loaded', happens: 'bound to vfio-pci', source: 'host.md 4.1 [V]; lab/README 2' },
  { id: 'probe-returns-native', operation: 'unset override, unbind, drivers_probe', happens: 'bound to its own driver when that is loaded', source: 'host.md 4.1 [V]; lab/README 2' },
  { id: 'bind-without-match', operation: 'write to vfio-pci/bind without id or override', happens: 'ENODEV', source: 'host.md 4.1 [V]' },
  { id: 'bind-bridge', operation: 'vfio-pci/bind of a function with header type 1 and an override', happens: 'EINVAL, no driver', source: 'host.md 3.2 [V]; lab/README 2' },
  { id: 'bind-without-iommu', operation: 'vfio-pci/bind of a function without IOMMU group', happens: 'EINVAL, no driver', source: 'host.md 10.3 [V]' },
  { id: 'owned-group-refuses', operation: 'drivers_probe of a group member while a VM owns the group', happens: 'EINVAL or EBUSY, no driver', source: 'host.md 3.2 [V]' },
  { id: 'unbind-held-blocks', operation: 'unbind from vfio-pci while a process holds the function', happens: 'the writer blocks until release', source: 'host.md 4.1 [V]' },
  { id: 'unbind-wrong-driver', operation: 'unbind a function the driver does not have', happens: 'ENODEV', source: 'host.md 4.1 [S]' },
  { id: 'vfio-node', operation: 'bind a function to vfio-pci', happens: '/dev/vfio/<group> appears, and goes with the last function', source: 'host.md 4.1 [V]; lab/README 3' },
  { id: 'power-on-vfio', operation: 'bind to vfio-pci, later return', happens: 'power/control is auto while bound and on after the return', source: 'host.md 4.1 [V]' },
  { id: 'power-unknown', operation: 'unbind', happens: 'power_state reads unknown', source: 'host.md 4.1 [V]' },
  { id: 'framebuffer-leaves', operation: 'vfio-pci binds the class 0300 function that owns the firmware framebuffer (6.0 and later)', happens: '/proc/fb is empty and the console is the dummy', source: 'host.md 1.10 [V], 4.3 [V]' },
  { id: 'console-one-way', operation: 'started by BIOS: write 0, then 1, to the bind of the console on frame buffers', happens: 'it lets go, and 1 is taken and changes nothing, because no console is named (S); left alone it goes with its frame buffer and comes with the next', source: 'test/lab/scenarios/single-card.ts' },
  { id: 'threads-kept', operation: 'systemctl set-property --runtime AllowedCPUs= of a slice', happens: 'its cpuset.cpus says so in the kernel\'s own list; an empty list is answered with yes and changes nothing (ENOSPC) where something runs; nothing of it outlives a start', source: 'test/lab/scenarios/hand-off.ts' },
  { id: 'desktop-ends', operation: 'stop the log-in screen', happens: 'its own processes end, with the X server that has the card open; the sessions it opened and their person’s service manager end too', source: 'test/lab/scenarios/single-card.ts for its own processes, xdm; for sessions read only: logind.conf(5), host.md 6.2 rows 3 and 4 [E]' },
  { id: 'new-attribute-eacces', operation: 'open a missing sysfs attribute for writing with O_CREAT', happens: 'EACCES', source: 'host.md 0.3 rule 1 [V]' },
  { id: 'ids-are-modprobe', operation: 'boot with vfio_pci.ids= and vfio-pci as a module', happens: 'consumed when the module is loaded; binds what is driverless then', source: 'host.md 1.10 [V]' },
  { id: 'early-before-udev', operation: 'an init-top script whose name sorts before udev', happens: 'runs before any coldplug; a later name runs after', source: 'host.md 5.7 [V]; lab/README 8' },
  { id: 'one-shot', operation: 'grubenv next_entry names an entry', happens: 'that entry starts once; GRUB clears it before the kernel is read', source: 'host.md 5.3.2 [V]; lab/README 8, 9' },
  { id: 'one-shot-unwritable', operation: 'grubenv next_entry on btrfs or below LVM', happens: 'GRUB cannot clear it and the entry starts every time', source: 'host.md 5.3.2 [V]' },
  { id: 'save-env-guard', operation: 'an entry chosen only after save_env succeeded', happens: 'on an unwritable file system the normal entry starts', source: 'host.md 5.3.3 [V]' },
  { id: 'grubenv-size', operation: 'a grubenv that is not 1024 bytes long', happens: 'load_env ignores it', source: 'host.md 5.3.2 [S]' },
  { id: 'no-journal-replay', operation: 'power cut after a rename that was committed but not checkpointed', happens: 'the loader finds the old or the new name, and below a new name nothing as long as the new file was only flushed by itself', source: 'security.md 7b [S]; test/lab crash points' },
  { id: 'written-back', operation: 'sync -f of the file system before the rename', happens: 'below the new name the loader finds the whole file', source: 'security.md 7b; test/lab crash points' },
  { id: 'replace-survives', operation: 'power cut around temp file, fsync, rename, fsync folder', happens: 'old or new, complete', source: 'lab/README 11' },
  { id: 'naive-write-dies', operation: 'power cut after an in-place write without fsync', happens: 'the file may be old, new, empty or cut short', source: 'lab/README 11' },
  { id: 'groups-renumbered', operation: 'restart', happens: 'group numbers may change', source: 'host.md 1.2.2 [S]; lab/README "virtio-iommu"' },
  { id: 'panic-restarts', operation: 'a kernel that panics with panic=30', happens: 'the machine starts again by itself; without it, it stays where it is', source: 'host.md 5.9 [S]; lab/README 9' },
  { id: 'huge-pages-fewer', operation: 'write more to nr_hugepages than there is free memory for', happens: 'the write succeeds and the count that is read back is smaller', source: 'host.md 9.2; vm.md 2.7' },
  { id: 'autostart-link', operation: 'virsh net-autostart, pool-autostart', happens: 'a link to the definition appears in autostart/, and goes with --disable', source: 'host.md 9.2 [S]' },
  { id: 'gpasswd-replaces', operation: 'gpasswd -a, -d', happens: 'the member is added to or taken out of the line in /etc/group; one that is not there is an error', source: 'host.md 9.2' },
] as const satisfies readonly Claim[];
export type ClaimId = (typeof claims)[number]['id'];
