// SPDX-License-Identifier: GPL-3.0-or-later

/** Sentences about changes of virtual machines, their screens and their steps. */
export const vmChange = {
  // Why a change cannot be done.
  'vm.refusal.other-uuid': 'The definition is that of another VM. Leave its uuid as it is.',
  'vm.refusal.other-name': 'The VM would get another name, and libvirt would take it as another VM. Leave its name as it is.',
  'vm.refusal.answers-after-restart': 'The answers hold a password and cannot wait for a restart. Set up the card first, then create the VM.',
  'vm.refusal.answers-gone': 'The answers for Windows are no longer known. Give them once more.',
  'vm.refusal.no-host-half': 'This change of the computer cannot be made together with a VM. Make it by itself.',
  'vm.refusal.nothing-to-do': 'Everything already is as you want it.',
  // What root must set for a VM.
  'vm.need.account': 'You may use libvirt without a password',
  'vm.need.network-autostart': 'The network of VMs starts with this computer',
  'vm.need.card-dedicated': 'The card {address} is set aside for VMs at every start',
  'vm.need.card-on-demand': 'The card {address} moves to the VM when that starts, and back when it stops',
  'vm.need.modules': 'The modules for giving cards are loaded at every start',
  'vm.need.huge-pages': '{count} pages of {size} are set aside for the VM',
  'vm.need.looking-glass': 'The memory of Looking Glass can be shared',
  'vm.need.evdev': 'You may lend keyboard and mouse',
  // Faults of an edited definition.
  'vm.fault.xml': 'This is not well-formed XML.',
  'vm.fault.schema': 'libvirt does not know this here.',
  'vm.fault.not-a-vm': 'This is not the definition of a VM.',
  'vm.fault.other-uuid': 'The uuid must stay {uuid}.',
  'vm.fault.other-name': 'The name must stay {name}.',
  'vm.fault.refused': 'libvirt refuses it.',
  // Why a screen cannot be shown in the window.
  'vm.console.not-running': 'The VM is not running.',
  'vm.console.no-screen': 'The VM has no screen that can be shown here.',
  'vm.console.spice-only': 'The VM’s screen speaks SPICE. Open it in virt-viewer.',
  'vm.console.socket-closed': 'The system keeps this VM’s screen to itself. Open it in virt-viewer.',
  'vm.console.rehearsal': 'A rehearsal has no guest, so there is nothing to see.',
  'vm.console.card-only': 'The picture comes out of the card itself. Look at the screen that is plugged into it.',
  // What an undo left on purpose.
  'vm.left.disk-used': 'The disk {path} stays: the VM has written to it.',
  'vm.left.disk-named': 'The disk {path} stays: a VM still uses it.',
  'vm.left.network': 'The network {name} stays on: a running VM uses it.',
  'vm.left.pool': 'The folder of images {name} stays known to libvirt: something lies in it.',
  // Steps of the VM half.
  'step.vm-network.title': 'Start the network',
  'step.vm-network.sentence': 'libvirt’s network {name} is started, now and with this computer, so that the VM reaches the outside.',
  'step.vm-network.undo': 'The network is stopped again, unless a VM uses it.',
  'step.vm-pool.title': 'Make a folder known',
  'step.vm-pool.sentence': 'libvirt learns that images lie in {path}.',
  'step.vm-pool.undo': 'libvirt forgets the folder again, unless something lies in it. No file is deleted.',
  'step.vm-volume.title': 'Make the disk',
  'step.vm-volume.sentence': 'An empty disk of {size} GiB is made at {path}. It takes room only as it fills.',
  'step.vm-volume.undo': 'The disk is deleted, as long as no VM has written to it.',
  'step.vm-answers.title': 'Make the disc with the answers',
  'step.vm-answers.sentence': 'A small disc with your answers for Windows is made at {path}. Your password is on it until the installation is finished.',
  'step.vm-answers.undo': 'The disc is deleted.',
  'step.vm-define.title': 'Set the VM up',
  'step.vm-define.sentence': '{what, select, create {libvirt learns of the new VM {name}.} other {libvirt gets the new definition of {name}; it holds from its next start on.}}',
  'step.vm-define.undo': '{what, select, create {libvirt forgets {name} again, once it is off.} other {{name} gets back the very definition it had.}}',
  'step.vm-define.answers-go': 'The disc with the answers ({path}) is deleted after it; it is not made again by an undo.',
  'step.vm-undefine.title': 'Take the VM away',
  'step.vm-undefine.sentence': 'libvirt forgets {name}. Its disks, its firmware memory and its TPM stay.',
  'step.vm-undefine.undo': '{name} is set up again with the very definition it had.',
  // A VM that is not as it was.
  'problem.precondition-failed.vm-changed': 'Somebody has changed the VM since; it was left as they made it.',
  'problem.precondition-failed.vm-runs': 'The VM is running and cannot be taken away. Shut it down first.',
} as const;
