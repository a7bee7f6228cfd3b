// SPDX-License-Identifier: GPL-3.0-or-later

/** Where both recorded answers disagree with the rules that decide them: the rule's words, and the lines of the machine's own file. */
export const exceptions: readonly { readonly machine: string; readonly fields: readonly string[]; readonly rule: string; readonly evidence: readonly string[] }[] = [
  {
    machine: '014',
    fields: ['target'],
    rule: 'Target is null for need-more-data. The recorded action is need-more-data, with an address beside it.',
    evidence: ['"code": "need-more-data"', '"groups": {}'],
  },
  {
    machine: '030',
    fields: ['reset_bug'],
    rule: 'reset_bug is the worst over integrated and discrete GPUs, and every APU is `possible`. The machine lists a Renoir APU.',
    evidence: ['"device": "1636"', '[AMD/ATI] Renoir', '"kind": "integrated"'],
  },
  {
    machine: '073',
    fields: ['iommu_off'],
    rule: 'A device bound to vfio-pci proves that the IOMMU is on: without a group vfio-pci refuses to bind.',
    evidence: ['"address": "0000:c5:00.0"', '"driver": "vfio-pci"'],
  },
  {
    machine: '076',
    fields: ['iommu_off'],
    rule: 'A device bound to vfio-pci proves that the IOMMU is on; the recorded reason itself says "so it is on".',
    evidence: ['"address": "0000:00:02.1"', '"driver": "vfio-pci"', 'SR-IOV works, so it is on'],
  },
  {
    machine: '081',
    fields: ['action', 'target'],
    rule: 'need-more-data comes before single-gpu-handoff when the IOMMU’s state is unknown; the file has no group, no argument, no log line.',
    evidence: ['"groups": {}', '"evidence": []', '"cmdline": null'],
  },
];
