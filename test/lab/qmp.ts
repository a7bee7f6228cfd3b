// SPDX-License-Identifier: GPL-3.0-or-later
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** Sends commands to a running QEMU and gives the reply of the last one. QEMU's machine protocol: docs/interop/qmp-spec. */
export async function qmp(socket: string, commands: readonly { readonly execute: string; readonly arguments?: object }[], limit = 300_000): Promise<unknown> {
  const connection = connect(socket);
  const timer = setTimeout(() => connection.destroy(new Error('QEMU did not answer in time')), limit);
  try {
    const lines = createInterface({ input: connection });
    const pending = [{ execute: 'qmp_capabilities' }, ...commands];
    let last: unknown = null;
    for await (const line of lines) {
      const message = JSON.parse(line) as { event?: string; QMP?: object; error?: { desc: string }; return?: unknown };
      if (message.event !== undefined) continue;
      if (message.error !== undefined) throw new Error(`QEMU refused: ${message.error.desc}`);
      if (message.QMP === undefined) last = message.return;
      const next = pending.shift();
      if (next === undefined) break;
      connection.write(`${JSON.stringify(next)}\n`);
    }
    return last;
  } finally {
    clearTimeout(timer);
    connection.destroy();
  }
}

/** A command of QEMU's own console; fails when it prints a complaint. */
export async function monitor(socket: string, command: string): Promise<void> {
  const said = await qmp(socket, [{ execute: 'human-monitor-command', arguments: { 'command-line': command } }]);
  if (typeof said === 'string' && said.trim() !== '') throw new Error(`${command}: ${said.trim()}`);
}
