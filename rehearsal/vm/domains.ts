// SPDX-License-Identifier: GPL-3.0-or-later
import { readDomain, sourceAddress } from '../../core/read/virsh-domain';
import { readXml, type XmlElement } from '../../core/read/xml';
import { attributeOf, childrenOf, find as findIn } from '../../core/read/xml-find';
import { find } from '../files';
import type { World } from '../world';
import { did, plain, refuses, type Call, type Said } from './answer';
import { define, defined, definition, runs, setRuns, undefine } from './marks';
import { writeToImage } from './pools';

interface Vm {
  readonly name: string;
  readonly uuid: string;
  readonly xml: string;
}

const all = (world: World): Vm[] =>
  defined(world, 'qemu').flatMap((name) => {
    const xml = definition(world, 'qemu', name) ?? '';
    const known = readDomain(xml);
    return known.ok && known.value.uuid !== null ? [{ name, uuid: known.value.uuid, xml }] : [];
  });

const named = (world: World, word: string): Vm | null => all(world).find((one) => one.uuid === word || one.name === word) ?? null;
const missing = (word: string): Said => refuses(`failed to get domain '${word}'`, `Domain not found: no domain with matching ${word.includes('-') ? 'uuid' : 'name'} '${word}'`);
const withVm = (call: Call, then: (vm: Vm) => Said): Said => {
  const [word = ''] = plain(call.words);
  const vm = named(call.world, word);
  return vm === null ? missing(word) : then(vm);
};

/** Without asking for them libvirt leaves passwords out (seen on 9.0). */
const withoutSecrets = (xml: string): string => xml.replaceAll(/ passwd=(?:'[^']*'|"[^"]*")/g, '');

export const domainCalls: Readonly<Record<string, (call: Call) => Said>> = {
  list: ({ world, words }) => did(all(world).filter((one) => words.includes('--all') || runs(world, 'qemu', one.name) !== null).map((one) => `${one.uuid}\n`).join('')),
  dumpxml: (call) => withVm(call, ({ xml }) => did(call.words.includes('--security-info') ? xml : withoutSecrets(xml))),
  domstate: (call) => withVm(call, ({ name }) => did(`${stateOf(call.world, name)}\n\n`)),
  domstats: ({ world }) => did(all(world).map(({ name }) => `Domain: '${name}'\n  state.state=${{ running: 1, paused: 3, 'shut off': 5 }[stateOf(world, name)]}\n  state.reason=1\n\n`).join('')),
  guestinfo: (call) => withVm(call, () => refuses('argument unsupported: QEMU guest agent is not configured')),
  define: ({ world, text }) => defineVm(world, typeof text === 'string' ? text : ''),
  undefine: (call) =>
    withVm(call, ({ name }) => {
      // One that runs goes on without a definition until it stops; here nobody is left to stop it, so it is said instead.
      if (runs(call.world, 'qemu', name) !== null) return refuses(`Failed to undefine domain '${name}'`, 'Requested operation is not valid: cannot undefine transient domain');
      undefine(call.world, 'qemu', name);
      return did();
    }),
  start: (call) => withVm(call, (vm) => start(call.world, vm)),
  shutdown: (call) => withVm(call, (vm) => stop(call.world, vm, 'shutdown')),
  destroy: (call) => withVm(call, (vm) => stop(call.world, vm, 'destroy')),
  suspend: (call) => withVm(call, ({ name }) => change(call.world, name, 'paused')),
  resume: (call) => withVm(call, ({ name }) => change(call.world, name, 'running')),
  reboot: (call) => withVm(call, ({ name }) => change(call.world, name, 'running')),
};

type State = 'running' | 'paused' | 'shut off';
function stateOf(world: World, name: string): State {
  const note = runs(world, 'qemu', name);
  return note === null ? 'shut off' : note.includes('paused') ? 'paused' : 'running';
}

/** Kept as it was given: the addresses and defaults a real libvirt writes into it are not made up. */
function defineVm(world: World, xml: string): Said {
  const known = readDomain(xml);
  if (!known.ok || known.value.uuid === null || !/^[^/\n]{1,255}$/.test(known.value.name)) return refuses('Failed to define domain', 'XML error: an os <type> must be specified');
  const { name, uuid } = known.value;
  const other = all(world).find((one) => (one.name === name) !== (one.uuid === uuid));
  if (other !== undefined) return refuses('Failed to define domain', `operation failed: domain '${other.name}' already exists with uuid ${other.uuid}`);
  define(world, 'qemu', name, xml);
  return did();
}

function change(world: World, name: string, to: 'running' | 'paused'): Said {
  if (runs(world, 'qemu', name) === null) return refuses(`Failed to ${to === 'paused' ? 'suspend' : 'resume'} domain '${name}'`, 'Requested operation is not valid: domain is not running');
  setRuns(world, 'qemu', name, `<domstatus state='${to}'/>\n`);
  return did();
}

/** Checks in libvirt's order: networks, devices of the host, images; then QEMU has them open. */
function start(world: World, { name, uuid, xml }: Vm): Said {
  const fails = (...why: readonly string[]): Said => refuses(`Failed to start domain '${name}'`, ...why);
  if (runs(world, 'qemu', name) !== null) return refuses('Domain is already active');
  const document = readXml(xml);
  const devices = document.ok ? findIn(document.value.root, 'devices') : null;
  if (devices === null) return fails('internal error: no devices');
  const given = childrenOf(devices, 'hostdev').filter((one) => attributeOf(one, 'type') === 'pci');
  const addresses = given.flatMap((one) => sourceAddress(one) ?? []);
  const managed = given.some((one) => attributeOf(one, 'managed') === 'yes') ? ['internal error: a rehearsal does not move devices that libvirt manages'] : null;
  const refused = networkRefusal(world, devices) ?? managed ?? firstRefusal(world, addresses) ?? imageRefusal(world, devices);
  if (refused !== null) return fails(...refused);
  hold(world, addresses, true);
  for (const disk of childrenOf(devices, 'disk')) if (attributeOf(disk, 'device') !== 'cdrom') writeToImage(world, attributeOf(findIn(disk, 'source'), 'file') ?? '');
  setRuns(world, 'qemu', name, `<domstatus state='running' uuid='${uuid}'/>\n`);
  return did();
}

function networkRefusal(world: World, devices: XmlElement): readonly string[] | null {
  for (const network of childrenOf(devices, 'interface').flatMap((one) => (attributeOf(one, 'type') === 'network' ? [attributeOf(findIn(one, 'source'), 'network') ?? ''] : []))) {
    if (!defined(world, 'network').includes(network)) return [`Network not found: no network with matching name '${network}'`];
    if (runs(world, 'network', network) === null) return [`Requested operation is not valid: network '${network}' is not active`];
  }
  return null;
}

function imageRefusal({ disk: files }: World, devices: XmlElement): readonly string[] | null {
  const gone = childrenOf(devices, 'disk').map((disk) => findIn(disk, 'source')).find((source) => {
    const file = attributeOf(source, 'file');
    return file !== null && attributeOf(source, 'startupPolicy') !== 'optional' && find(files, file) === null;
  });
  return gone === undefined ? null : [`Cannot access storage file '${attributeOf(gone, 'file') ?? ''}': No such file or directory`];
}

/** Not bound to vfio-pci: libvirt says it (unmanaged); a group with a function that is not: QEMU does. */
function firstRefusal({ kernel }: World, addresses: readonly string[]): readonly string[] | null {
  for (const address of addresses) {
    const state = kernel?.functions.get(address);
    if (kernel === null || state?.present !== true) return [`Device ${address} not found: could not access /sys/bus/pci/devices/${address}/config: No such file or directory`];
    if (state.group === null) return ["unsupported configuration: host doesn't support passthrough of host PCI devices"];
    if (state.driver !== 'vfio-pci') return [`Unmanaged PCI device ${address} must be manually detached from the host`];
    if (state.held) return [`Requested operation is not valid: PCI device ${address} is in use by driver QEMU, domain another`];
    const rest = (kernel.byGroup.get(state.group) ?? []).filter((one) => one.present && one.hardware.header !== 'bridge' && one.driver !== null && one.driver !== 'vfio-pci');
    if (rest.length > 0) return [`internal error: qemu unexpectedly closed the monitor: vfio ${address}: group ${state.group} is not viable`, 'Please ensure all devices within the iommu_group are bound to their vfio bus driver.'];
  }
  return null;
}

function hold({ kernel }: World, addresses: readonly string[], held: boolean): void {
  if (kernel === null) return;
  for (const address of addresses) {
    const state = kernel.functions.get(address);
    if (state !== undefined) state.held = held;
  }
  kernel.seen = null;
}

/** The guest of a rehearsal does what it is asked. */
function stop(world: World, { name, xml }: Vm, verb: 'shutdown' | 'destroy'): Said {
  if (runs(world, 'qemu', name) === null) return refuses(`Failed to ${verb} domain '${name}'`, 'Requested operation is not valid: domain is not running');
  const known = readDomain(xml);
  hold(world, known.ok ? known.value.functions.map((one) => one.address) : [], false);
  setRuns(world, 'qemu', name, null);
  return did();
}
