// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { VmHost } from '../../contract/vm-host';
import { diagnose } from '../../core/diagnose/diagnose';
import type { VirshRun } from '../programs';

/** Runs virsh; a text or bytes become a file whose path is the last word. */
export type Virsh = (words: readonly string[], text: string | Uint8Array | null) => Promise<Result<VirshRun>>;

/** What a command of virsh printed. Fails with `refused`: `why` is a VmFailureCode or `unknown`, `said` libvirt's own words. */
export type Ask = (words: readonly string[], text?: string | Uint8Array | null) => Promise<Result<string>>;

export const uris = { system: 'qemu:///system', session: 'qemu:///session' } as const;

export const askOf =
  (virsh: Virsh, connection: VmHost['connection']): Ask =>
  async (words, text = null) => {
    const run = await virsh(['-q', '-c', uris[connection], ...words], text);
    if (!run.ok) return run;
    return run.value.status === 0 ? ok(run.value.out) : failed('refused', said(run.value));
  };

/** The same, only to look: libvirt lets everybody do that, so nobody is asked for a password (polkit's `org.libvirt.unix.monitor`). */
export const onlyLooking =
  (ask: Ask): Ask =>
  (words, text = null) =>
    ask(['-r', ...words], text);

/** The cause as a code with what it names, and libvirt's own words for who wants to copy them. */
function said(run: VirshRun): Record<string, string> {
  const text = run.err.trim();
  const [cause] = diagnose(text);
  return { ...cause?.detail, why: cause?.code ?? 'unknown', said: text.replaceAll(/^error: /gm, '').slice(0, 1000) };
}

export const nothing = (result: Result<unknown>): Result<void> => (result.ok ? ok(undefined) : result);

/** The lines of an answer without the empty ones. */
export const lines = (text: string): string[] => text.split('\n').map((one) => one.trim()).filter((one) => one !== '');
