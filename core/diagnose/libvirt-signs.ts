// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmFailureCode } from '../../contract/vm-failure';

/** A cause and the sign it leaves in English messages of libvirt and QEMU; named groups become details. */
export interface Sign {
  readonly code: VmFailureCode;
  readonly sign: RegExp;
}

const bdf = '[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]';
const sign = (code: VmFailureCode, pattern: string): Sign => ({ code, sign: new RegExp(pattern, 'i') });

/**
 * Signs, the most telling first: QEMU says why and then that it dies, libvirt repeats it inside its own words.
 * Texts from the sources and catalogues of libvirt 8 to 12 and QEMU 6 to 11.
 */
export const libvirtSigns: readonly Sign[] = [
  sign('group-not-viable', `(?:vfio (?<address>${bdf}).*)?group (?<group>\\d+) is not viable|ensure all devices within the iommu_group are bound`),
  sign('no-iommu', "no iommu_group found|iommu_group file \\S+ is not a symlink|host doesn't support passthrough of host PCI devices|Mediated host device assignment requires VFIO support|VFIO PCI device assignment is not supported by the host"),
  sign('vfio-node-missing', 'failed to open /dev/vfio/(?<group>\\d+): No such file'),
  sign('vfio-permission', '/dev/vfio/\\S*: (?:Operation not permitted|Permission denied)'),
  sign('vfio-container', 'failed to setup container for group|Failed to set iommu for container|No available IOMMU models'),
  sign('device-in-use', `PCI device (?<address>${bdf}) is in use by driver \\S+, domain (?<name>\\S+)|error getting device from group|Verify all devices in group \\d+ are bound`),
  sign('card-busy', `Attempting to remove device (?<address>${bdf}) with non-zero usage count|Failed to unbind PCI device`),
  sign('memory-lock', 'VFIO_MAP_DMA failed: Cannot allocate memory|cannot limit locked memory|RLIMIT_MEMLOCK \\(\\d+\\) exceeded'),
  sign('address-width', 'vfio_dma_map\\(.*\\((?:Invalid argument|Bad address)\\)|VFIO_MAP_DMA.*(?:Invalid argument|Bad address)'),
  sign('not-detached', `Unmanaged PCI device (?<address>${bdf}) must be manually detached`),
  sign('cannot-reset', `Unable to reset PCI device (?<address>${bdf})|no FLR, PM reset or bus reset available`),
  sign('device-unreadable', `Unknown PCI header type '\\d+' for device '(?<address>${bdf})'`),
  sign('device-gone', `host pci device (?<address>${bdf}) not found|Device (?:${bdf}) not found: could not access /sys/bus/pci`),
  sign('no-rom', `Cannot read device rom at (?<address>${bdf})|Device option ROM contents are probably invalid`),
  sign('acs-missing', 'is behind a switch lacking ACS'),
  sign('not-an-endpoint', `PCI device (?<address>${bdf}) is not assignable|Non-endpoint PCI devices cannot be assigned`),
  sign('slot-taken', "Attempted double use of PCI Address|Invalid PCI address|No 'PCI' bus found for device|not available for pcie-root-port"),
  sign('mdev-missing', "mediated device '?(?<uuid>[0-9a-f-]{36})'? (?:not found|is in use)|/sys/bus/mdev/devices/\\S+.*No such"),
  sign('no-variables', "Failed to open file '[^']*VARS[^']*'|unable to find any master var store for loader"),
  sign('no-firmware', "Unable to find '?\\w*'? ?firmware that is compatible|firmware feature '\\S+' cannot be enabled"),
  sign('smm-missing', 'System Management Mode not supported|Secure boot requires SMM feature enabled'),
  sign('tpm-missing', "Unable to find 'swtpm|does not support TPM backend type emulator|Could not find swtpm"),
  sign('tpm-died', "swtpm died and reported|swtpm didn't show up|Could not run '[^']*swtpm_setup"),
  sign('no-huge-pages', 'unable to map backing store for guest RAM|usable hugetlbfs mount|hugetlbfs filesystem is not mounted'),
  sign('no-memory', "cannot set up guest memory '[^']*': Cannot allocate memory"),
  sign('bad-pin', 'cannot set CPU affinity on process|Unable to get NUMA node of cpu|NUMA node \\d+ is unavailable'),
  sign('cpu-feature', 'Host CPU does not provide required features: (?<names>[\\w ,.-]{1,200})|failed to set MSR 0x'),
  sign('board-unknown', "does not support machine type '(?<name>[\\w.-]{1,64})'"),
  sign('kvm-missing', 'Could not access KVM kernel module|could not find capabilities for domaintype=kvm|KVM is not (?:available|supported)|failed to initialize kvm'),
  sign('image-permission', "Cannot access storage file '(?<path>[^']{1,300})'[^\\n]*Permission denied|Could not open '(?<file>[^']{1,300})': Permission denied"),
  sign('image-missing', "Cannot access storage file '(?<path>[^']{1,300})'[^\\n]*No such file|Could not open '(?<file>[^']{1,300})': No such file"),
  sign('image-locked', 'Failed to get (?:shared )?"?write"? lock'),
  sign('image-format', 'Image is not in (?<name>\\w{1,16}) format'),
  sign('no-direct-io', 'does not support O_DIRECT|O_DIRECT.*Invalid argument'),
  sign('network-inactive', "network '(?<name>[^']{1,64})' is not active"),
  sign('network-missing', "(?:Network not found: )?no network with matching name '(?<network>[^']{1,64})'|Network not found|Cannot get interface MTU on '(?<name>[^']{1,64})'|Unable to get index for interface"),
  sign('input-missing', "unable to stat: (?<path>/dev/input/\\S{1,200})|Path '(?<file>/dev/input[^']{1,200})' is not accessible|is not an evdev device"),
  sign('no-3d', '3d acceleration is not supported by this QEMU binary'),
  sign('no-spice', 'spice graphics are not supported with this QEMU|Spice audio is not supported'),
  sign('audio-module', 'module audio-audio-\\w+ not found|Unknown audio driver|pa_context_connect\\(\\) failed'),
  sign('apparmor-denied', 'apparmor="DENIED"[^\\n]*profile="libvirt-'),
  sign('not-allowed', 'authentication unavailable|authentication failed|authentication cancelled|access denied|PolicyKit1\\.Error'),
  sign('libvirt-unreachable', 'Failed to connect socket|failed to connect to the hypervisor'),
  sign('vm-busy', 'cannot acquire state change lock'),
  sign('hook-refused', 'Hook script execution failed'),
  sign('schema', 'failed to validate against schema'),
  sign('name-taken', "domain '(?<name>[^']{1,64})' (?:already exists with uuid|is already defined with uuid)"),
  sign('no-agent', 'Guest agent is not responding|guest agent is not (?:connected|configured)'),
  sign('vm-missing', 'failed to get domain|Domain not found|no domain with matching'),
  sign('volume-missing', 'Storage volume not found|no storage vol with matching'),
  sign('volume-taken', "storage volume '(?<name>[^']{1,128})' exists already|storage volume name '(?<file>[^']{1,128})' already in use"),
  sign('pool-missing', "Storage pool not found|no storage pool with matching|storage pool '(?<name>[^']{1,128})' is not active"),
  sign('disk-full', 'No space left on device'),
  sign('already-running', 'domain is already (?:active|running)'),
  sign('not-running', 'domain is not running'),
  sign('nvram-left', 'cannot undefine domain with nvram'),
  sign('emulator-died', 'process exited while connecting to monitor|unexpectedly closed the monitor|End of file (?:from|while reading) qemu monitor'),
];
