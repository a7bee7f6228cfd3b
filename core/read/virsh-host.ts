// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { vmHost, type VmHost, type VmVersion } from '../../contract/vm-host';
import { readXml, type XmlElement } from './xml';
import { attributeOf, childrenOf, find, textOf } from './xml-find';

/** What `virsh version --daemon` (in the C locale) and `virsh domcapabilities` say, and what only the machine itself knows. */
export interface VirshAnswers {
  readonly version: string;
  readonly domainCapabilities: string;
  readonly connection: VmHost['connection'];
  readonly steadyClock: boolean | null;
  readonly apicv: boolean | null;
  /** Kinds of screens that libvirt names though their part of QEMU is not installed. */
  readonly missingScreens?: readonly string[];
}

/** The abilities of the host's libvirt and QEMU. Fails with `bad-input` and `why`: an XmlFault, `virsh-version` or `virsh-shape`. */
export function readVmHost(answers: VirshAnswers): Result<VmHost> {
  const libvirt = readVersion(answers.version, 'Running against daemon') ?? readVersion(answers.version, 'Using library');
  const qemu = readVersion(answers.version, 'Running hypervisor');
  if (libvirt === null || qemu === null) return failed('bad-input', { why: 'virsh-version' });
  const document = readXml(answers.domainCapabilities);
  if (!document.ok) return document;
  const { root } = document.value;
  if (root.name !== 'domainCapabilities') return failed('bad-input', { why: 'virsh-shape' });
  const { connection, steadyClock, apicv, missingScreens = [] } = answers;
  const devices = devicesOf(root);
  const graphics = devices.graphics?.filter((screen) => !missingScreens.includes(screen)) ?? null;
  const parsed = vmHost.safeParse({ schema: 1, connection, libvirt, qemu, steadyClock, apicv, ...platformOf(root), ...devices, graphics });
  return parsed.success ? ok(parsed.data) : failed('bad-input', { why: 'virsh-shape' });
}

/** `Running hypervisor: QEMU 7.2.22` and its kind. */
function readVersion(text: string, label: string): VmVersion | null {
  const line = text.split('\n').find((one) => one.startsWith(`${label}:`));
  const [, major, minor, patch = '0'] = /(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?\s*$/.exec(line ?? '') ?? [];
  return major === undefined || minor === undefined ? null : { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** The values of an enumeration; null where this libvirt has no such list, empty where the whole thing is not supported. */
function listed(parent: XmlElement | null, name: string): string[] | null {
  if (parent === null) return null;
  if (attributeOf(parent, 'supported') === 'no') return [];
  const list = childrenOf(parent, 'enum').find((one) => attributeOf(one, 'name') === name);
  return list === undefined ? null : childrenOf(list, 'value').map(textOf);
}

const supported = (element: XmlElement | null): boolean | null => (element === null ? null : attributeOf(element, 'supported') === 'yes');

type Platform = Pick<VmHost, 'emulator' | 'accelerated' | 'board' | 'maxVcpus' | 'efi' | 'secureLoader' | 'hostPassthrough' | 'cpuVendor' | 'hyperv' | 'iommufd' | 'memorySources'>;

function platformOf(root: XmlElement): Platform {
  const os = find(root, 'os');
  const board = textOf(find(root, 'machine'));
  const most = Number(attributeOf(find(root, 'vcpu'), 'max') ?? '');
  const modes = childrenOf(find(root, 'cpu') ?? root, 'mode');
  return {
    emulator: textOf(find(root, 'path')),
    accelerated: textOf(find(root, 'domain')) === 'kvm',
    board: board === '' ? null : board,
    maxVcpus: Number.isInteger(most) && most > 0 ? most : null,
    efi: listed(os, 'firmware')?.includes('efi') ?? false,
    secureLoader: listed(find(root, 'os', 'loader'), 'secure')?.includes('yes') ?? false,
    hostPassthrough: modes.some((mode) => attributeOf(mode, 'name') === 'host-passthrough' && attributeOf(mode, 'supported') === 'yes'),
    cpuVendor: vendorOf(modes.find((mode) => attributeOf(mode, 'name') === 'host-model')),
    hyperv: listed(find(root, 'features', 'hyperv'), 'features'),
    iommufd: supported(find(root, 'devices', 'iommufd') ?? find(root, 'features', 'iommufd')),
    memorySources: listed(find(root, 'memoryBacking'), 'sourceType'),
  };
}

function vendorOf(model: XmlElement | undefined): VmHost['cpuVendor'] {
  const vendor = model === undefined ? '' : textOf(find(model, 'vendor'));
  if (vendor === '') return null;
  return vendor === 'AMD' ? 'amd' : vendor === 'Intel' ? 'intel' : 'other';
}

type Devices = Pick<VmHost, 'graphics' | 'video' | 'tpmModels' | 'tpmBackends' | 'hostdevKinds' | 'pciBackends' | 'redirdev'>;

function devicesOf(root: XmlElement): Devices {
  const device = (name: string): XmlElement | null => find(root, 'devices', name);
  return {
    graphics: listed(device('graphics'), 'type'),
    video: listed(device('video'), 'modelType'),
    tpmModels: listed(device('tpm'), 'model'),
    tpmBackends: listed(device('tpm'), 'backendModel'),
    hostdevKinds: listed(device('hostdev'), 'subsysType'),
    pciBackends: listed(device('hostdev'), 'pciBackend'),
    redirdev: supported(device('redirdev')),
  };
}
