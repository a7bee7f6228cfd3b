// SPDX-License-Identifier: GPL-3.0-or-later
import { readName } from './clean';

/** The build options that decide whether and how a card can be given away. Source: host.md 1.2.1, 1.3. */
export const tellingOptions = [
  'CONFIG_IOMMU_SUPPORT',
  'CONFIG_INTEL_IOMMU',
  'CONFIG_INTEL_IOMMU_DEFAULT_ON',
  'CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF',
  'CONFIG_INTEL_IOMMU_DEFAULT_OFF',
  'CONFIG_AMD_IOMMU',
  'CONFIG_VIRTIO_IOMMU',
  'CONFIG_IOMMU_DEFAULT_PASSTHROUGH',
  'CONFIG_IRQ_REMAP',
  'CONFIG_VFIO',
  'CONFIG_VFIO_PCI',
  'CONFIG_VFIO_PCI_VGA',
  'CONFIG_VFIO_IOMMU_TYPE1',
  'CONFIG_VFIO_MDEV',
  'CONFIG_IOMMUFD',
  'CONFIG_KVM',
  'CONFIG_KVM_INTEL',
  'CONFIG_KVM_AMD',
  'CONFIG_DRM_I915_GVT',
  'CONFIG_PCI_IOV',
  'CONFIG_HUGETLBFS',
  'CONFIG_FRAMEBUFFER_CONSOLE',
  'CONFIG_FB_EFI',
  'CONFIG_SYSFB_SIMPLEFB',
  'CONFIG_DRM_SIMPLEDRM',
] as const;

/** `CONFIG_X=y` and `# CONFIG_X is not set` for the telling options; one the file does not mention is left out. */
export function readKernelConfig(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = `\n${text}\n`;
  for (const option of tellingOptions) {
    const at = lines.indexOf(`\n${option}=`);
    if (at >= 0) {
      const start = at + option.length + 2;
      found[option] = readName(lines.slice(start, lines.indexOf('\n', start)), 120).replace(/^"(.*)"$/, '$1');
    } else if (lines.includes(`\n# ${option} is not set\n`)) found[option] = 'n';
  }
  return found;
}
