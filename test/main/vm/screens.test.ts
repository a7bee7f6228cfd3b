// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ok } from '../../../contract/problem';
import { streamId } from '../../../contract/vm-console';
import { readScreens } from '../../../core/read/vm-screens';
import { openScreen } from '../../../main/vm/screens';
import { openStreams, streamLimits } from '../../../main/vm/streams';

const domain = (inside: string): string => `<domain><devices>${inside}</devices></domain>`;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});
async function serve(onSocket: (socket: Socket) => void, at: string | number = 0): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => (typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve)));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const libvirtWith = (xml: string, state: 'running' | 'off' = 'running') => ({ live: () => Promise.resolve(ok(xml)), state: () => Promise.resolve(ok(state)) });
const why = async (xml: string, state: 'running' | 'off' = 'running'): Promise<string> => {
  const screen = await openScreen(libvirtWith(xml, state), 'any');
  if (!screen.ok) return screen.problem.detail['why'] ?? '';
  screen.value.socket.destroy();
  return 'open';
};

describe('where a VM is seen', () => {
  test.each([
    ["<graphics type='vnc' port='5901' listen='127.0.0.1' passwd='x'/>", { kind: 'tcp', host: '127.0.0.1', port: 5901, password: 'x' }],
    ["<graphics type='vnc' port='5901'><listen type='address' address='::1'/></graphics>", { kind: 'tcp', host: '::1', port: 5901, password: null }],
    ["<graphics type='vnc' port='5901' listen='0.0.0.0'/>", { kind: 'tcp', host: '127.0.0.1', port: 5901, password: null }],
    ["<graphics type='vnc'><listen type='socket' socket='/run/vnc.sock'/></graphics>", { kind: 'socket', path: '/run/vnc.sock', password: null }],
    // Not this computer's own, not running, or no address at all.
    ["<graphics type='vnc' port='5901' listen='192.168.1.7'/>", null],
    ["<graphics type='vnc' port='5901' listen='example.org'/>", null],
    ["<graphics type='vnc' port='-1' listen='127.0.0.1'/>", null],
    ["<graphics type='vnc' port='22' listen='127.0.0.1'/>", null],
    ["<graphics type='vnc' port='70000' listen='127.0.0.1'/>", null],
    ["<graphics type='vnc' port='0x1f90' listen='__proto__'/>", null],
    ["<graphics type='vnc'><listen type='socket' socket='relative.sock'/></graphics>", null],
    [`<graphics type='vnc' socket='/${'a'.repeat(200)}'/>`, null],
    ["<graphics type='spice' port='5901' listen='127.0.0.1'/>", null],
    ['', null],
  ])('%s', (xml, address) => {
    expect(readScreens(domain(xml)).vnc).toEqual(address);
  });

  test('what is no domain has no screens', () => {
    for (const xml of ['', '<', '<!DOCTYPE a><a/>', '<domain/>']) expect(readScreens(xml)).toEqual({ vnc: null, spice: false, serial: false, lookingGlass: null });
  });

  test('only who greets as VNC does is spoken to', async () => {
    const vnc = await serve((socket) => socket.write('RFB 003.008\n'));
    const slow = await serve((socket) => {
      socket.write('RF');
      setTimeout(() => socket.write('B 003.008\n'), 30);
    });
    const ssh = await serve((socket) => socket.write('SSH-2.0-OpenSSH\r\n'));
    const mute = await serve((socket) => socket.end());
    const at = (server: Server): string => domain(`<graphics type='vnc' port='${portOf(server)}' listen='127.0.0.1'/>`);
    expect(await why(at(vnc))).toBe('open');
    expect(await why(at(slow))).toBe('open');
    expect(await why(at(ssh))).toBe('socket-closed');
    expect(await why(at(mute))).toBe('socket-closed');
    expect(await why(at(vnc), 'off')).toBe('not-running');
    expect(await why(domain(''))).toBe('no-screen');
    expect(await why(domain("<graphics type='spice'/>"))).toBe('spice-only');
  });

  test('a socket of somebody else’s is not opened, and one’s own is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-screen-'));
    cleanups.push(() => { rmSync(folder, { recursive: true, force: true }); });
    const path = join(folder, 'vnc.sock');
    expect(await why(domain(`<graphics type='vnc' socket='${path}'/>`))).toBe('socket-closed');
    await serve((socket) => socket.write('RFB 003.008\n'), path);
    expect(await why(domain(`<graphics type='vnc' socket='${path}'/>`))).toBe('open');
  });
});

describe('a stream', () => {
  const limits = { patience: 60, silence: 200 };
  async function pair(streams: ReturnType<typeof openStreams>) {
    const peers: Socket[] = [];
    const server = await serve((socket) => peers.push(socket));
    const socket = connect(portOf(server), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    await expect.poll(() => peers.length).toBe(1);
    const opened = streams.open(socket, Buffer.from('first '));
    if (!opened.ok) throw new Error('not open');
    const [peer] = peers;
    if (peer === undefined) throw new Error('no peer');
    return { id: opened.value, peer };
  }
  const text = async (streams: ReturnType<typeof openStreams>, id: Parameters<typeof streams.read>[0]) => {
    const read = await streams.read(id);
    return read.ok ? [Buffer.from(read.value.data, 'base64').toString(), read.value.ended] : read.problem.code;
  };

  test('carries bytes both ways, in order, and its end after the last of them', async () => {
    const streams = openStreams(limits);
    const { id, peer } = await pair(streams);
    expect(await text(streams, id)).toEqual(['first ', null]);
    expect(await text(streams, id)).toEqual(['', null]);
    const heard: Buffer[] = [];
    peer.on('data', (chunk) => heard.push(chunk));
    expect((await streams.write(id, Buffer.from('to the VM').toString('base64'))).ok).toBe(true);
    await expect.poll(() => Buffer.concat(heard).toString()).toBe('to the VM');
    peer.end('last');
    expect(await text(streams, id)).toEqual(['last', null]);
    expect(await text(streams, id)).toEqual(['', 'vm']);
    expect(await text(streams, id)).toBe('not-found');
  });

  test('waits for a slow page and does not grow without end', async () => {
    const streams = openStreams({ patience: 60, silence: 20_000 });
    const { id, peer } = await pair(streams);
    const much = Buffer.alloc(48 * 1024 * 1024, 7);
    let sent = false;
    peer.write(much, () => { sent = true; });
    peer.end();
    await new Promise((resolve) => setTimeout(resolve, 150));
    // A page that does not read holds the VM back: the kernel's own buffers are full.
    expect(sent).toBe(false);
    let bytes = 0;
    for (;;) {
      const read = await streams.read(id);
      if (!read.ok) throw new Error(read.problem.code);
      const now = Buffer.from(read.value.data, 'base64').length;
      expect(now).toBeLessThanOrEqual(streamLimits.answer);
      bytes += now;
      if (read.value.ended !== null) break;
    }
    expect(bytes).toBe(much.length + 'first '.length);
  });

  test('has one reader at a time, ends when nobody reads, and there are only a few', async () => {
    const streams = openStreams(limits);
    const { id } = await pair(streams);
    await streams.read(id);
    const both = await Promise.all([streams.read(id), streams.read(id)]);
    expect(both.map((one) => (one.ok ? 'read' : one.problem.code))).toEqual(['read', 'busy']);
    for (let more = 1; more < streamLimits.streams; more++) await pair(streams);
    await expect(pair(streams)).rejects.toThrow('not open');
    await new Promise((resolve) => setTimeout(resolve, 2 * limits.silence));
    expect(await streams.read(id)).toMatchObject({ ok: false, problem: { code: 'not-found' } });
    const again = await pair(streams);
    expect(streams.close(again.id).ok).toBe(true);
    expect(streams.close(again.id).ok).toBe(false);
    expect((await streams.write(streamId.parse('0'.repeat(32)), '')).ok).toBe(false);
    streams.closeAll();
  });
});
