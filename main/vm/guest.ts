// SPDX-License-Identifier: GPL-3.0-or-later
import { ok, type Result } from '../../contract/problem';
import { vmUuid } from '../../contract/vm';
import type { VmGuest } from '../../contract/vm-console';
import type { Ask } from './ask';
import { lines } from './ask';

const silent: VmGuest = { agent: false, system: null, host: null, addresses: [] };

/** What the guest agent tells. One that does not answer is not an error: it is what an installation looks like from outside. */
export async function askGuest(ask: Ask, uuid: string): Promise<Result<VmGuest>> {
  if (!vmUuid.safeParse(uuid).success) return ok(silent);
  const told = await ask(['guestinfo', uuid, '--os', '--hostname', '--interface']);
  return told.ok ? ok(readGuest(told.value)) : ok(silent);
}

/** `os.pretty-name      : Debian GNU/Linux 12`, one fact a line. */
function readGuest(text: string): VmGuest {
  const facts = new Map(lines(text).flatMap((line) => {
    const [, key, value] = /^([a-z0-9.-]+)\s*:\s?(.*)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value.slice(0, 256)] as const];
  }));
  const addresses = [...facts].flatMap(([key, value]) => (/^if\.\d+\.addr\.\d+\.addr$/.test(key) && !value.startsWith('127.') && value !== '::1' ? [value.slice(0, 64)] : []));
  return { agent: true, system: facts.get('os.pretty-name') ?? null, host: facts.get('hostname') ?? null, addresses: addresses.slice(0, 32) };
}
