// SPDX-License-Identifier: GPL-3.0-or-later
import { ok, type Result } from '../../contract/problem';
import type { VmRecipe } from '../../contract/vm';
import type { VmNote } from '../../contract/vm-codes';
import type { VmHost } from '../../contract/vm-host';
import { checkRecipe } from './check';
import { audio, boardDevices, channels, inputs, networks, usb } from './devices';
import { note, type Draft } from './draft';
import { emulatorArguments } from './emulator-arguments';
import { adapter, givenGraphics, screens } from './picture';
import { board, clock, features, processor } from './platform';
import { openPorts, rootPorts } from './ports';
import { memory, threads } from './resources';
import { storage } from './storage';
import { drawXml, element, worded, type Drawn } from './xml/draw';

/** A domain ready to be defined, and what was done otherwise than the person might expect. */
export interface DrawnDomain {
  readonly xml: string;
  readonly notes: readonly VmNote[];
}

/** Our own element in a domain's metadata: libvirt keeps it as it is. */
export const ourNamespace = 'urn:switchyard:vm:1';

const osinfo: Readonly<Record<VmRecipe['system'], string | null>> = {
  'windows-11': 'http://microsoft.com/win/11',
  'windows-10': 'http://microsoft.com/win/10',
  linux: 'http://libosinfo.org/linux/2022',
  other: null,
};

/** The libvirt domain of a recipe, for the libvirt and QEMU of this host. Fails with `refused` or `unsupported-host` and `why`, a VmRefusalCode. */
export function drawDomain(recipe: VmRecipe, host: VmHost): Result<DrawnDomain> {
  const sound = checkRecipe(recipe, host);
  if (!sound.ok) return sound;
  const draft: Draft = { recipe, host, ports: openPorts(), notes: [] };
  notePlaces(draft);
  const extra = emulatorArguments(draft);
  const domain = element('domain', { type: recipe.cpu.accelerated ? 'kvm' : 'qemu', 'xmlns:qemu': extra === null ? undefined : 'http://libvirt.org/schemas/domain/qemu/1.0' }, [
    worded('name', recipe.name),
    worded('uuid', recipe.uuid),
    metadata(recipe),
    ...memory(draft),
    ...threads(draft),
    board(draft),
    features(draft),
    processor(draft),
    clock(draft),
    worded('on_poweroff', 'destroy'),
    worded('on_reboot', 'restart'),
    // A crashed guest that is preserved would keep the card.
    worded('on_crash', 'destroy'),
    element('pm', {}, [element('suspend-to-mem', { enabled: 'no' }), element('suspend-to-disk', { enabled: 'no' })]),
    devices(draft),
    extra,
  ]);
  return ok({ xml: drawXml(domain), notes: draft.notes });
}

/** Places that QEMU's own user, AppArmor or SELinux usually keep it from. The system's QEMU is not the person. */
function notePlaces(draft: Draft): void {
  const { recipe, host } = draft;
  if (host.connection === 'session') return;
  const files = [...recipe.disks.flatMap((disk) => (disk.kind === 'image' ? [disk.path] : [])), ...recipe.discs.map((disc) => disc.path)];
  const closed = files.find((path) => /^\/(?:home|root)\//.test(path));
  if (closed !== undefined) note(draft, 'path-in-home', { path: closed });
  const { graphics } = recipe;
  if (graphics.mode !== 'passthrough' || graphics.rom.kind !== 'file') return;
  if (!/^\/(?:usr\/share\/vgabios|var\/lib\/libvirt)\//.test(graphics.rom.path)) note(draft, 'rom-place', { path: graphics.rom.path });
}

function metadata(recipe: VmRecipe): Drawn {
  const known = osinfo[recipe.system];
  const named = known === null ? null : element('libosinfo:libosinfo', { 'xmlns:libosinfo': 'http://libosinfo.org/xmlns/libvirt/domain/1.0' }, [element('libosinfo:os', { id: known })]);
  return element('metadata', {}, [named, element('switchyard:vm', { 'xmlns:switchyard': ourNamespace, schema: 1, graphics: recipe.graphics.mode, threads: recipe.cpu.apart === true ? 'apart' : undefined })]);
}

/** The ports come first in the text although they are counted last. */
function devices(draft: Draft): Drawn {
  const inside = [
    ...networks(draft),
    ...storage(draft),
    ...usb(draft),
    ...channels(draft),
    ...inputs(draft),
    ...audio(draft),
    ...screens(draft),
    adapter(draft),
    ...givenGraphics(draft),
    ...boardDevices(draft),
  ];
  return element('devices', {}, [worded('emulator', draft.host.emulator), ...rootPorts(draft.ports), ...inside]);
}
