// SPDX-License-Identifier: GPL-3.0-or-later
import { readName } from './clean';

const telling =
  /DMAR|AMD-Vi|iommu|IOMMU|vgaarb|vfio|VFIO|efifb|simple-framebuffer|simpledrm|vesafb|ACS override|BAR \d|kvm:|SVM disabled|VMX .*disabled|[Ss]ecure ?boot|[Ll]ockdown|Hypervisor detected|Enabling HDA|SR-IOV|root bus resource|1:1 mapping|Resizable BAR/;

/** The lines of a kernel log that tell something about giving a card away, without their time stamps, oldest first. */
export function readKernelLog(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (lines.length === 4096) break;
    if (telling.test(line)) lines.push(readName(line.replace(/^(?:<\d+>)?\[ *\d+\.\d+\] /, ''), 1024));
  }
  return lines;
}
