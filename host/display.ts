// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import type { PciAddress } from '../contract/pci';
import { isPciAddress } from '../core/read/address';
import { readName } from '../core/read/sysfs/clean';
import { readInteger } from '../core/read/sysfs/numbers';
import { lookAtBootDisplay } from './boot-display';
import { fromText, known, line, listed, unknown } from './fact';
import type { Machine } from './machine';
import { lookAtManager, lookAtRemote, lookAtSession } from './session';

type Display = HostFacts['display'];
const drm = '/sys/class/drm';

/** Screens, the cards behind them, what draws on them and who owned the picture at start. */
export function lookAtDisplay(machine: Machine, pci: HostFacts['pci']): Display {
  const cards = lookAtCards(machine);
  return {
    connectors: lookAtConnectors(machine, cards),
    cards,
    framebuffers: lookAtFramebuffers(machine),
    consoles: lookAtConsoles(machine),
    bootDisplay: lookAtBootDisplay(machine, pci, cards.value ?? []),
    manager: lookAtManager(machine),
    session: lookAtSession(machine),
    remote: lookAtRemote(machine),
  };
}

/** The PCI function a class device hangs below: the last address on its real path. */
export function functionOf(machine: Machine, place: string): PciAddress | null {
  const real = machine.real(place);
  if (real.at !== 'is') return null;
  return real.value.split('/').filter(isPciAddress).at(-1) ?? null;
}

/** DRM card nodes and the functions behind them. */
export function lookAtCards(machine: Machine): Display['cards'] {
  const names = listed(machine, drm);
  if (names === null) return unknown(drm);
  const renders = names
    .filter((name) => /^renderD\d{1,4}$/.test(name))
    .map((name) => ({ name, device: functionOf(machine, `${drm}/${name}/device`) }));
  const cards = names
    .filter((name) => /^card\d{1,4}$/.test(name))
    .map((name) => {
      const device = functionOf(machine, `${drm}/${name}/device`);
      return {
        name,
        device,
        render: renders.find((render) => device !== null && render.device === device)?.name ?? null,
      };
    });
  return known(cards.slice(0, 64), drm);
}

/** `enabled` says a picture is being sent now; `status` only that something is plugged in. Source: host.md 1.5.3. */
export function lookAtConnectors(machine: Machine, cards: Display['cards']): Display['connectors'] {
  const names = listed(machine, drm);
  if (names === null) return unknown(drm);
  const found: NonNullable<Display['connectors']['value']> = [];
  for (const entry of names) {
    const [, card, name] = /^(card\d{1,4})-([\w-]{1,60})$/.exec(entry) ?? [];
    if (card === undefined || name === undefined || name.startsWith('Writeback')) continue;
    const status = line(machine, `${drm}/${entry}/status`);
    const enabled = line(machine, `${drm}/${entry}/enabled`);
    found.push({
      name,
      gpu: cards.value?.find((known) => known.name === card)?.device ?? null,
      status: status === 'connected' || status === 'disconnected' ? status : 'unknown',
      enabled: enabled === 'enabled' ? true : enabled === 'disabled' ? false : null,
      internal: /^(eDP|LVDS|DSI)-/.test(name),
    });
  }
  return known(found.slice(0, 256), drm);
}

function lookAtFramebuffers(machine: Machine): Display['framebuffers'] {
  return fromText(machine, '/proc/fb', (text) => {
    const found = [];
    for (const [, index, name] of text.matchAll(/^(\d{1,2}) (.+)$/gm)) {
      if (index === undefined || name === undefined || found.length === 32) continue;
      found.push({ name: readName(name, 64), device: functionOf(machine, `/sys/class/graphics/fb${index}/device`) });
    }
    return found;
  });
}

/** Their numbers are not fixed, so they go by name. Source: host.md 1.5.2. */
function lookAtConsoles(machine: Machine): Display['consoles'] {
  const folder = '/sys/class/vtconsole';
  const names = machine.names(folder);
  if (names.at !== 'is') return unknown(folder);
  const found = [];
  for (const entry of [...names.value].sort().slice(0, 32)) {
    const name = line(machine, `${folder}/${entry}/name`);
    const bound = readInteger(line(machine, `${folder}/${entry}/bind`) ?? '');
    if (name !== null && bound !== null) found.push({ name: readName(name, 128), bound: bound === 1 });
  }
  return known(found, folder);
}
