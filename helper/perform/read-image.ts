// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { earlyScriptName, privateFolder } from '../../core/step/places';
import type { ImageFound } from '../../core/step/proof';
import { discardFolder } from './copy-config';
import { textAt, type Bench } from './bench';
import { need } from './put';

/** unmkinitramfs puts the last archive into main/ when microcode stands before it, else right there (initramfs-tools 0.142). */
const roots = ['main', ''];

/** What is really in an image: its names, and three of its files unpacked into the store. */
export async function readImage(bench: Bench, path: string, kernel: string): Promise<Result<ImageFound>> {
  const listed = await need(bench, { program: 'lsinitramfs', image: path });
  if (!listed.ok) return listed;
  const into = `${privateFolder(bench.transaction)}/unpacked`;
  const cleared = await discardFolder(bench, into);
  if (!cleared.ok) return cleared;
  const unpacked = await need(bench, { program: 'unmkinitramfs', image: path, into });
  const found = unpacked.ok ? readUnpacked(bench, into, { names: listed.value.split('\n').filter((name) => name !== ''), kernel }) : unpacked;
  const gone = await discardFolder(bench, into);
  return gone.ok ? found : gone;
}

function readUnpacked(bench: Bench, into: string, { names, kernel }: { names: readonly string[]; kernel: string }): Result<ImageFound> {
  const first = (places: readonly string[]): Result<string | null> => {
    for (const place of roots.flatMap((root) => places.map((name) => (root === '' ? `${into}/${name}` : `${into}/${root}/${name}`)))) {
      const text = textAt(bench, place);
      if (!text.ok && text.problem.code !== 'precondition-failed') return text;
      if (text.ok && text.value !== null) return text;
    }
    return ok(null);
  };
  const order = first(['scripts/init-top/ORDER']);
  const script = first([earlyScriptName]);
  const builtin = first([`usr/lib/modules/${kernel}/modules.builtin`, `lib/modules/${kernel}/modules.builtin`]);
  if (!order.ok) return order;
  if (!script.ok) return script;
  if (!builtin.ok) return builtin;
  return names.length === 0 ? failed('step-failed', { why: 'image-incomplete' }) : ok({ names, order: order.value, script: script.value, builtin: builtin.value });
}
