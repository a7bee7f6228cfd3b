// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PciAddress } from '../../contract/pci';
import { nodeHands } from '../../helper/nodes';

let folder = '';
const asked = (): readonly string[] => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n').filter((line) => line !== '');
/** dd as it is for a node of which a word is named: it never comes back. */
function hands(hangs: string) {
  const dd = join(folder, 'dd');
  writeFileSync(join(folder, 'asked'), '');
  writeFileSync(dd, `#!/bin/sh\necho "$1" >> ${join(folder, 'asked')}\ncase "$1" in *${hangs}*) exec sleep 60 ;; esac\n`, { mode: 0o755 });
  return nodeHands(dd, 400);
}
const device = '0000:01:00.1' as PciAddress;
const unbind = { node: 'driver-unbind', device } as const;
const override = { node: 'driver-override', device } as const;
const console = { node: 'console-bind', console: 'vtcon0' } as const;
const wedged = { ok: false, problem: { detail: { why: 'wedged' } } };

describe('a node that hangs', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-nodes-'));
  });
  afterAll(() => { rmSync(folder, { recursive: true }); });

  test('of a device is the last that is written to any device, and leaves the text console to the person', async () => {
    const there = hands('unbind');
    expect(await there.writeNode(override, 'vfio-pci')).toEqual({ ok: true, value: undefined });
    expect(await there.writeNode(unbind, device)).toMatchObject(wedged);
    expect(await there.writeNode(override, '\n')).toMatchObject(wedged);
    expect(await there.writeNode({ ...override, device: '0000:09:00.0' as PciAddress }, '\n')).toMatchObject(wedged);
    expect(await there.writeNode(console, '1')).toEqual({ ok: true, value: undefined });
    expect(asked().map((line) => line.split('/').at(-1))).toEqual(['driver_override', 'unbind', 'bind']);
  });

  test('of a console is the last of all', async () => {
    const there = hands('vtcon0');
    expect(await there.writeNode(console, '1')).toMatchObject(wedged);
    expect(await there.writeNode(console, '1')).toMatchObject(wedged);
    expect(await there.writeNode(override, '\n')).toMatchObject(wedged);
    expect(asked()).toHaveLength(1);
  });
});
