// SPDX-License-Identifier: GPL-3.0-or-later
/** Commands whose output answers most questions, in the order of use; apart, so that the page can name them without the readers. */
export const wantedOutput = 'lspci -nnk; find /sys/kernel/iommu_groups -type l; cat /proc/cmdline; sudo dmesg';
