// SPDX-License-Identifier: GPL-3.0-or-later
import { connect, type Socket } from 'node:net';
import { failed, ok, type Result } from '../../contract/problem';
import type { VmConsole, vmConsoleCodes } from '../../contract/vm-console';
import { readScreens, type RunningScreens, type ScreenAddress } from '../../core/read/vm-screens';
import { uris } from './ask';
import type { Libvirt } from './libvirt';

type Why = (typeof vmConsoleCodes)[number];

/** How long a screen may take to answer, in milliseconds, and how every VNC server begins (RFC 6143, 7.1.1). */
const patience = 5_000;
const greeting = Buffer.from('RFB ');

/** A connection to the screen of a VM, with the bytes it began with. */
export interface Screen {
  readonly socket: Socket;
  readonly first: Buffer;
  readonly password: string | null;
}

/** Opens the VM's own VNC screen, at the address libvirt names and no other. Fails with `refused`, `why` one of `vmConsoleCodes`. */
export async function openScreen(libvirt: Pick<Libvirt, 'live' | 'state'>, uuid: string): Promise<Result<Screen>> {
  const state = await libvirt.state(uuid);
  if (!state.ok) return state;
  if (state.value === 'off' || state.value === 'crashed') return failed('refused', { why: 'not-running' });
  const live = await libvirt.live(uuid);
  if (!live.ok) return live;
  const { vnc, spice } = readScreens(live.value);
  if (vnc === null) return failed('refused', { why: spice ? 'spice-only' : 'no-screen' });
  return greet(vnc);
}

/** A port may have gone to somebody else since libvirt named it: whoever does not greet as VNC does is not spoken to. */
function greet(address: ScreenAddress): Promise<Result<Screen>> {
  const socket = address.kind === 'socket' ? connect({ path: address.path }) : connect({ host: address.host, port: address.port });
  return new Promise((resolve) => {
    let first = Buffer.alloc(0);
    const end = (result: Result<Screen>): void => {
      clearTimeout(late);
      socket.off('data', onData).off('error', onRefused).off('close', onRefused);
      if (!result.ok) socket.destroy();
      resolve(result);
    };
    const onRefused = (): void => {
      end(failed('refused', { why: 'socket-closed' }));
    };
    const onData = (chunk: Buffer): void => {
      first = Buffer.concat([first, chunk]);
      const known = Math.min(first.length, greeting.length);
      if (!first.subarray(0, known).equals(greeting.subarray(0, known))) {
        onRefused();
        return;
      }
      if (known < greeting.length) return;
      socket.pause();
      end(ok({ socket, first, password: address.password }));
    };
    const late = setTimeout(onRefused, patience);
    socket.on('data', onData).on('error', onRefused).on('close', onRefused);
  });
}

export interface ViewersFound {
  readonly 'virt-viewer': boolean;
  readonly 'looking-glass': boolean;
}

/** Where a VM can be seen: in the window, in a terminal, in a viewer of the person's own. */
export async function consoleOf(libvirt: Pick<Libvirt, 'live' | 'state'>, uuid: string, found: ViewersFound): Promise<Result<VmConsole>> {
  const state = await libvirt.state(uuid);
  if (!state.ok) return state;
  const live = await libvirt.live(uuid);
  if (!live.ok) return live;
  const screens = readScreens(live.value);
  const runs = state.value !== 'off' && state.value !== 'crashed';
  const viewer = (name: keyof ViewersFound, command: string) => ({ viewer: name, installed: found[name], command });
  return ok({
    vnc: { why: runs ? whyNot(screens) : 'not-running' },
    serial: { command: screens.serial ? `virsh -c ${uris.system} console ${uuid}` : null },
    viewers: [
      ...(screens.spice || (runs ? screens.vnc !== null : /<graphics\b[^>]*\btype=["']vnc/.test(live.value)) ? [viewer('virt-viewer', `virt-viewer ${viewerWords(uuid).join(' ')}`)] : []),
      ...(screens.lookingGlass === null ? [] : [viewer('looking-glass', 'looking-glass-client')]),
    ],
  });
}

/** `--attach` lets libvirt hand over the connection, so no port and no password is needed. */
export const viewerWords = (uuid: string): readonly string[] => ['--attach', '--connect', uris.system, '--uuid', uuid];

function whyNot({ vnc, spice }: RunningScreens): Why | null {
  if (vnc === null) return spice ? 'spice-only' : 'card-only';
  return null;
}
