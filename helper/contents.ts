// SPDX-License-Identifier: GPL-3.0-or-later
import { ok, type Result } from '../contract/problem';
import { storeFolder } from '../core/step/places';
import type { FileState, Hands } from './hands';
import { replaceFile, rootOnly } from './replace-file';
import { ensureFolder } from './store';

/** Texts of restore points, each once, under the digest of its bytes: 10,000 points of an unchanged machine take the room of one. */
export const contentsFolder = `${storeFolder}/contents`;
export const contentPath = (sha256: string): string => `${contentsFolder}/${sha256}`;

/** No text of ours comes near; a larger file is told by its digest and not copied. */
const largest = 2_097_152;

/** Copies a file into the store unless its bytes are there already; false when they are not, for whatever reason. */
export async function keepContent(hands: Hands, path: string, is: FileState, most = largest): Promise<boolean> {
  if (is.size > most) return false;
  const there = holdsContent(hands, is.sha256);
  if (there.ok && there.value) return true;
  const folder = ensureFolder(hands, contentsFolder, 0o700);
  if (!there.ok || !folder.ok) return false;
  const torn = hands.inspect(contentPath(is.sha256));
  if (!torn.ok) return false;
  const copied = await replaceFile(hands, { path: contentPath(is.sha256), expected: torn.value, content: { copyOf: path }, owner: rootOnly });
  // The file was exchanged while it was copied: its digest is another, and nobody will find it under this name.
  return copied.ok && copied.value.sha256 === is.sha256;
}

/** Whether these very bytes can be had; a copy that a power cut tore is none. */
export function holdsContent(hands: Hands, sha256: string): Result<boolean> {
  const there = hands.inspect(contentPath(sha256));
  return there.ok ? ok(there.value?.sha256 === sha256) : there;
}
