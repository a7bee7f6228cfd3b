// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { liveMachine } from '../../host/live';
import type { Machine, Stat } from '../../host/machine';
import { probe } from '../../host/probe';
import * as machines from './machines';

const number = (major: number, minor: number): number => major * 2 ** 20 + minor;
const node = (rdev: number): Stat => ({
  kind: 'device',
  size: 0,
  mode: 0o660,
  uid: 0,
  gid: 0,
  links: 1,
  rdev,
  identity: '1:1',
});

/** The Intel desktop with one process that has these files open: fd -> where its link points, and the node's number. */
function desktopWith(
  files: Readonly<Record<string, readonly [target: string, rdev: number]>>,
  change: Partial<Machine> = {},
): Machine {
  const tree = machines.intelDesktop();
  tree.put('/proc/4711/comm', 'gnome\u001b-shell\n');
  tree.put('/proc/4711/cgroup', '0::/user.slice/user-1000.slice/session-2.scope\n');
  tree.put('/proc/4711/maps', '');
  for (const [fd, [target]] of Object.entries(files)) tree.put(`/proc/4711/fd/${fd}`, { link: target });
  const base = liveMachine(tree.root);
  return {
    ...base,
    uid: 0,
    stat(path, links) {
      const [, fd] = /^\/proc\/4711\/fd\/(\d+)$/.exec(path) ?? [];
      const open = fd === undefined ? undefined : files[fd];
      if (open !== undefined && links === 'follow') return { at: 'is', value: node(open[1]) };
      return base.stat(path, links);
    },
    ...change,
  };
}

describe('who holds a card', () => {
  test('is told by device number, whatever path the process knows it by', () => {
    const facts = probe(
      desktopWith({ 3: ['/inside/of/a/container/gpu', number(226, 1)], 4: ['/dev/null', number(1, 3)] }),
    );
    expect(facts.holders.value).toEqual([
      {
        device: '0000:01:00.0',
        pid: 4711,
        command: 'gnome -shell',
        uid: expect.any(Number) as number,
        how: '/inside/of/a/container/gpu open',
        unit: 'session-2.scope',
      },
    ]);
    expect(facts.holdersComplete).toBe(true);
  });

  test('counts the sound of the card as the card', () => {
    const facts = probe(desktopWith({ 9: ['/dev/snd/controlC1', number(116, 7)] }));
    expect(facts.holders.value?.map((one) => one.device)).toEqual(['0000:01:00.1']);
  });

  test('is not told by a path that only looks like a card', () => {
    const facts = probe(desktopWith({ 3: ['/dev/dri/card1', number(1, 3)] }));
    expect(facts.holders.value).toEqual([]);
  });

  test('falls back to what the kernel notes about a DRM file whose node is gone', () => {
    const machine = desktopWith({ 5: ['/dev/dri/card9', number(226, 9)] });
    const facts = probe({
      ...machine,
      text: (path, limit) =>
        path === '/proc/4711/fdinfo/5'
          ? { at: 'is', value: 'pos:\t0\ndrm-driver:\tamdgpu\ndrm-pdev:\t0000:01:00.0\n' }
          : machine.text(path, limit),
    });
    expect(facts.holders.value?.map((one) => [one.device, one.how])).toEqual([['0000:01:00.0', '/proc/4711/fdinfo/5']]);
  });

  test('counts memory that stays mapped after the file was closed', () => {
    const machine = desktopWith({});
    const facts = probe({
      ...machine,
      text: (path, limit) =>
        path === '/proc/4711/maps'
          ? { at: 'is', value: '7f00-7f01 rw-s 00000000 00:05 640 /dev/dri/renderD129\n' }
          : machine.text(path, limit),
      stat: (path, links) =>
        path.endsWith('/dev/dri/renderD129') ? { at: 'is', value: node(number(226, 129)) } : machine.stat(path, links),
    });
    expect(facts.holders.value?.map((one) => [one.device, one.how])).toEqual([
      ['0000:01:00.0', 'maps /dev/dri/renderD129'],
    ]);
  });

  test.each([
    ['an ordinary user asks', { uid: 1000 }],
    [
      'one process may not be seen',
      {
        names: (path: string) => (path === '/proc/4711/fd' ? { at: 'unreadable', why: 'permission' } : liveNames(path)),
      },
    ],
  ] as const)('is not the whole list when %s', (_, change) => {
    const base = desktopWith({ 3: ['/dev/dri/card1', number(226, 1)] });
    const machine =
      'names' in change
        ? {
            ...base,
            names: (path: string) =>
              path === '/proc/4711/fd' ? ({ at: 'unreadable', why: 'permission' } as const) : base.names(path),
          }
        : { ...base, ...change };
    expect(probe(machine).holdersComplete).toBe(false);
  });

  test('is not the whole list inside a container', () => {
    const base = desktopWith({});
    expect(
      probe({
        ...base,
        stat: (path, links) => (path === '/.dockerenv' ? { at: 'is', value: node(0) } : base.stat(path, links)),
      }).holdersComplete,
    ).toBe(false);
  });
});

function liveNames(path: string): never {
  throw new Error(path);
}
