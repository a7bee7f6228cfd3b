// SPDX-License-Identifier: GPL-3.0-or-later
/** What pasted text was understood as (`read.kind.*`), what it lacks (`read.missing.*`), and why it was turned down. */
export const read = {
  'read.kind.lspci': 'PCI devices (lspci)',
  'read.kind.groups': 'IOMMU groups',
  'read.kind.kernel-log': 'Kernel messages',
  'read.kind.kernel-arguments': 'Kernel command line',
  'read.kind.distribution': 'Distribution',
  'read.kind.cpu': 'Processor',
  'read.kind.machine': 'Make and form of the computer',
  'read.kind.sysfs': 'Values from sysfs',
  'read.kind.machine-file': 'A recorded machine',
  'read.kind.not-understood': 'Lines nobody could place',
  'read.missing.functions': 'The whole list of PCI devices',
  'read.missing.ids': 'The numbers of the devices: the list was made without -nn',
  'read.missing.drivers': 'Which driver each device has',
  'read.missing.groups': 'Which IOMMU group each device is in',
  'read.missing.groups-contradict': 'One consistent list of IOMMU groups: a device stands in two of them',
  'read.missing.boot-display': 'Which card the computer started with',
  'read.missing.kernel-arguments': 'What the kernel was started with',
  'read.missing.kernel-log': 'The kernel messages of this start',
  'read.missing.chassis': 'Whether this is a laptop or a desktop',
  'read.missing.distribution': 'Which distribution this is',
  'problem.bad-input.nothing-recognised': 'Nothing in this text looks like the output of a command Switchyard knows.',
  'problem.bad-input.two-machines':
    'Line {line} gives {address} other numbers than an earlier line: the text seems to come from two computers.',
} as const;
