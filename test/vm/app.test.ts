// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startLibvirtd, whyNot } from './libvirtd';

const reason = whyNot();
if (reason !== null) console.log(`NOT RUN: the window's questions at a real libvirtd, because ${reason}`);

describe.skipIf(reason !== null)('the window’s questions at a real libvirtd', () => {
  test('a person comes from a wish to a running VM that is seen, and back to nothing', async () => {
    const daemon = await startLibvirtd();
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-app-'));
    try {
      const { status, out, err } = await daemon.inside(process.execPath, ['--import', './test/typescript.mjs', 'test/vm/app-inside.ts'], { ...process.env, XDG_DATA_HOME: folder, HOME: folder });
      expect([status, err]).toEqual([0, '']);
      expect(JSON.parse(out)).toMatchObject({
        list: { problem: null, vms: 0 },
        folders: [{ path: '/var/lib/libvirt/images', kind: 'new-pool' }],
        steps: ['vm-pool', 'vm-disk-1', 'vm-define'],
        checked: [],
        applied: 'done',
        started: 'running',
        console: { why: null },
        greeting: 'RFB 003.008\n',
        password: true,
        news: true,
        off: 'off',
        history: [['create', true, 'kept']],
        undone: ['undone', []],
        after: { vms: 0, same: true },
      });
    } finally {
      await daemon.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 180_000);
});
