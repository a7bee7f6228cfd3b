// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../contract/facts';
import { readDump } from '../../../core/read/dump';

function read(text: string): HostFacts {
  const result = readDump(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value.facts;
}

const begin = '[    0.0] Linux version 6.1.0-18-amd64 (x) #1 SMP';
const devices =
  '[    0.3] pci 0000:00:00.0: [8086:a700] type 00 class 0x060000\n[    0.3] pci 0000:00:02.0: [8086:a780] type 00 class 0x030000';
const after = '[    0.5] PCI-DMA: Using software bounce buffering for IO (SWIOTLB)';
const end = '[    1.0] Run /init as init process';

describe('a kernel log in which no function joins a group', () => {
  test('says that there are none when it is the whole log of a start', () => {
    expect(read([begin, devices, after, end].join('\n')).iommu).toMatchObject({
      groups: { value: [] },
      groupsComplete: true,
    });
  });

  test.each([
    ['begins in the middle', ['$ uname -r', '6.1.0-18-amd64', '$', devices, after, end]],
    ['ends before user space', [begin, devices, after]],
    ['lists no functions', [begin, after, end]],
    ['is of a kernel that did not print every join', [begin.replace('6.1.0', '3.2.0'), devices, after, end]],
    ['was cut', [begin, devices, '[...]', after, end]],
    ['was filtered', ['$ sudo dmesg | grep -i pci', begin, devices, after, end]],
  ])('says nothing when it %s', (_, lines) => {
    expect(read(lines.join('\n')).iommu).toMatchObject({ groups: { value: null }, groupsComplete: false });
  });
});

test('a function that left a group and joined another is in the second alone', () => {
  const facts = read(`${devices}
[    1.0] pci 0000:00:02.0: Adding to iommu group 3
[    9.0] pci 0000:00:02.0: Removing from iommu group 3
[    9.1] pci 0000:00:02.0: Adding to iommu group 8`);
  expect(facts.iommu.groups.value?.map(({ id, members }) => [id, members])).toEqual([[8, ['0000:00:02.0']]]);
  expect(facts.pci.functions.find((fn) => fn.address === '0000:00:02.0')?.iommuGroup).toBe(8);
});

test('what is read first stays: a later line is as often another start’s as a correction', () => {
  const facts = read('BOOT_IMAGE=/vmlinuz ro quiet\n[    0.0] Kernel command line: BOOT_IMAGE=/vmlinuz-old ro');
  expect(facts.kernel.args).toEqual({ value: ['BOOT_IMAGE=/vmlinuz', 'ro', 'quiet'], from: 'kernel arguments line 1' });
});

test('an entry that is not indented like its fellows under a heading is not of that group', () => {
  const facts = read(
    'IOMMU Group 1:\n\t00:01.0 PCI bridge [0604]: Intel Device [8086:a70d]\n01:00.0 VGA compatible controller [0300]: NVIDIA Device [10de:2684]',
  );
  expect(facts.iommu.groups.value?.map(({ members }) => members)).toEqual([['0000:00:01.0']]);
});
