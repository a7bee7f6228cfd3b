// SPDX-License-Identifier: GPL-3.0-or-later
export const steps = {
  'step.phase.prepare': 'Now',
  'step.phase.trial': 'At the next start, once',
  'step.phase.keep': 'Only if you keep it',

  'step.trial-config.title': 'Write down which devices the trial takes',
  'step.trial-config.sentence':
    'A private copy of the start-up configuration gets a list of {count, plural, one {# device} other {# devices}} to give to the virtual machine. No ordinary start reads it.',
  'step.trial-config.undo': 'The private copy is deleted.',
  'step.trial-image.title': 'Build a start-up image for the trial',
  'step.trial-image.sentence':
    'A second start-up image for kernel {kernel} is built beside the one you use. The one you use is not touched.',
  'step.trial-image.undo': 'The second image is deleted.',
  'step.trial-entry.title': 'Add a trial entry to the start menu',
  'step.trial-entry.sentence':
    'The start menu gets one more entry, a copy of the one you use with the changes to be tried. Yours stays the default.',
  'step.trial-entry.undo': 'The entry is taken out of the menu.',
  'step.one-shot.title': 'Choose the trial for one start',
  'step.one-shot.sentence':
    'The next start takes the trial entry, that one time. Every start after it is the old one, unless you keep the change.',
  'step.one-shot.undo': 'The next start is the old one again.',
  'step.early-bind.title': 'Give the devices away at every start',
  'step.early-bind.sentence':
    'A script in the start-up configuration gives {count, plural, one {# device} other {# devices}} to the virtual machine before any other driver can take {count, plural, one {it} other {them}}.',
  'step.early-bind.undo': 'The script is deleted, or the earlier one is put back.',
  'step.default-image.title': 'Rebuild the start-up image',
  'step.default-image.sentence':
    'The start-up image of kernel {kernel} is built again with the script in it, checked, and only then exchanged.',
  'step.default-image.undo': 'The saved image is put back.',
  'step.kernel-args.title': 'Set kernel arguments for every start',
  'step.kernel-args.sentence':
    'A file of our own adds {count, plural, one {# kernel argument} other {# kernel arguments}} to every normal start. Recovery entries stay as they are.',
  'step.kernel-args.undo': 'Our file is deleted, or the earlier one is put back.',
  'step.boot-config.title': 'Write the start menu anew',
  'step.boot-config.sentence':
    'The configuration of the boot loader is generated beside the old one and exchanged only if nothing but our arguments changed.',
  'step.boot-config.undo': 'The saved configuration is put back.',
  'step.drop-trial-entry.title': 'Take the trial entry away',
  'step.drop-trial-entry.sentence': 'The trial entry is no longer needed and leaves the start menu.',
  'step.drop-trial-entry.undo': 'Nothing is left to undo here.',
  'step.drop-trial-image.title': 'Delete the trial image',
  'step.drop-trial-image.sentence': 'The trial image for kernel {kernel} is no longer needed and is deleted.',
  'step.drop-trial-image.undo': 'Nothing is left to undo here.',

  'step.line.place': 'Changes {path}',
  'step.line.device': '{address} ({id}) goes to vfio-pci',
  'step.line.own-image': 'Starts kernel {kernel} with its own start-up image',
  'step.line.same-image': 'Starts kernel {kernel} with the usual start-up image',
  'step.line.bind-word': 'Kernel argument that turns the list of devices on',
  'step.line.arg': 'Kernel argument {arg}',

  'step.assume.closed-files':
    '{count, plural, one {# file} other {# files}} can be read by the administrator only. The helper looks at {count, plural, one {it} other {them}} before anything is touched, and refuses if something is not as assumed.',

  'step.refused.iommu-off': 'The IOMMU is off, so no device can be isolated. Turn it on first.',
  'step.refused.no-group': 'The device {address} is in no IOMMU group. It cannot be given away safely.',
  'step.refused.bridge': 'The device {address} is a bridge. Bridges stay with this computer.',
  'step.refused.host-needs':
    'The device {address} (class {class}) may be needed by this computer to run. It is not given away.',
  'step.refused.virtual-functions': 'The device {address} has virtual functions in use. Release them first.',
  'step.refused.split-group':
    'The device {address} shares an IOMMU group with a chosen device and would have to go along. A group cannot be split.',
  'step.refused.only-screen':
    'This would take the only screen of this computer. Say so yourself if you want that, and make sure you can reach the computer another way.',
  'step.refused.no-vfio': 'This kernel has no vfio-pci driver.',
  'step.refused.one-shot-would-stay':
    'The boot loader cannot write to its folder here ({fileSystem}), so a one-time start would become every start. A trial is not safe on this computer.',
  'step.refused.trial-left': 'An earlier trial is still there ({place}). Keep it or go back first.',
  'step.refused.not-ours':
    'The file at {place} was not written by Switchyard, or was changed since. It is not overwritten.',
  'step.refused.iommu-not-ours':
    'No kernel argument turns the IOMMU of this computer on. Look for it in the firmware settings.',
  'step.refused.iommu-turned-off':
    'The IOMMU was turned off on purpose with {arg}. Remove that yourself if it is no longer wanted.',
  'step.refused.device-gone': 'The device {address} is no longer there. The hardware has probably changed.',
  'step.refused.device-changed': 'Another device is at {address} now. The hardware has probably changed.',
  'step.refused.group-unknown': 'Nothing is known about {address}, which is in the same IOMMU group.',
  'step.refused.boot-volume-unknown': 'It could not be told which disk the boot loader starts from.',
  'step.refused.boot-read-only': 'The folder of the boot loader cannot be written to.',
  'step.refused.boot-closed':
    'The folder /boot cannot be looked at by ordinary users, so a plan cannot be shown before it is done.',
  'step.refused.kernel-image-missing': 'The running kernel {kernel} is no longer installed. Restart first.',
  'step.refused.kexec': 'The running kernel was started by another kernel. Restart fully first.',
  'step.refused.place-hidden': 'It could not be told what is at {place}.',
  'step.refused.place-odd': 'What is at {place} is a link or no file. It is not written through.',
  'step.refused.place-missing': 'There is no file at {place}.',
  'step.refused.host-unknown': 'Too little is known about this computer to draw a plan.',
  'step.refused.iommu-unknown': 'It could not be told whether the IOMMU works.',
  'step.refused.default-unclear': 'It could not be told which entry of the start menu is the default.',
  'step.refused.default-kernel':
    'The default entry starts another kernel than {kernel}, which runs now. Restart first.',
  'step.refused.default-entry-shape':
    'The default entry of the start menu is not built the usual way. It is not copied by guess.',
  'step.refused.custom-not-sourced': 'The start menu does not read custom.cfg, so a trial entry cannot be added.',
  'step.refused.one-shot-not-taken': 'The start menu does not know one-time starts.',
  'step.refused.one-shot-taken': 'Another one-time start is chosen already. Restart first.',
  'step.refused.config-drift':
    'The newly generated start menu differs from the present one by more than our arguments: settings changed earlier were never put into effect. Run update-grub yourself and look at the result, then try again.',
  'step.refused.twice': 'A device is named twice.',
  'step.refused.grub-config-shape': 'The configuration of the start menu cannot be read.',
  'step.refused.grub-env-shape': 'The environment block of the boot loader is damaged.',
  'step.refused.grub-env-full': 'The environment block of the boot loader is full.',
  'step.refused.block-torn': 'Our lines in custom.cfg were changed by somebody else. They are not touched.',
  'step.refused.not-plain': 'The setting {name} is not written on one plain line. It is not edited by guess.',
  'step.refused.not-assigned': 'The setting {name} is not there.',
  'step.refused.needs-quoting': 'An argument for {name} would need quoting.',
  'step.refused.not-as-written': 'What was written to {place} could not be read back.',
  'step.refused.still-there': 'The file at {place} is still there.',
  'step.refused.not-there': 'The file at {place} is not there.',
  'step.refused.image-incomplete': 'The built start-up image is not complete. It was not put in place.',
  'step.refused.image-script': 'The built start-up image does not hold our script. It was not put in place.',
  'step.refused.image-order': 'In the built start-up image our script would not run first. It was not put in place.',
  'step.refused.image-module': 'The built start-up image lacks the driver {module}. It was not put in place.',
  'step.refused.entry-missing': 'The trial entry could not be read back.',
  'step.refused.entry-kernel': 'The trial entry would start another kernel.',
  'step.refused.entry-args': 'The trial entry would start with other kernel arguments than planned.',
  'step.refused.entry-image': 'The trial entry would start with another start-up image than planned.',
  'step.refused.config-no-entries': 'The generated start menu has no entry of this system. It was not put in place.',
  'step.refused.config-args':
    'The generated start menu lacks our kernel arguments, perhaps because another setting overrides them. It was not put in place.',
  'step.refused.part': 'This way is not supported yet on this computer: {part} is {name}.',
} as const;
