// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place } from '../../contract/plan';
import { allGrubEntries, readGrubConfig } from '../read/grub-cfg';
import { grubEnvValue, readGrubEnv } from '../read/grub-env';
import { argName } from '../read/kernel-args';
import { readDropIn } from '../step/drop-in';
import { earlyHook, readEarlyScript } from '../step/early-script';
import { blockBody } from '../step/edit/marker-block';
import { readers } from '../step/own/all';
import { bindWord, trialEntryId, trialWord } from '../step/tokens';

const longest = 512;
const most = 256;

/**
 * Our own lines of a text, and never a line of somebody else's (security rule 16): all of a file that is byte for byte
 * one of ours, our block in a shared one, our words in the loader's files. This is all root ever shows of a closed file.
 */
export function ownLines(place: Place, text: string | null): readonly string[] {
  const lines = text === null ? [] : linesOf(place, text);
  return lines.map((line) => line.slice(0, longest)).slice(0, most);
}

function linesOf(place: Place, text: string): readonly string[] {
  switch (place) {
    case 'grub-config':
      return menuLines(text);
    case 'grub-env':
      return wordLines(text);
    case 'grub-custom':
    case 'apparmor-rule': {
      const block = blockBody(text);
      return block.ok && block.value !== null ? split(block.value) : [];
    }
    default:
      return isWhollyOurs(place, text) ? split(text) : [];
  }
}

/** What somebody edited is no longer byte for byte what we write, and none of it is shown. */
function isWhollyOurs(place: Place, text: string): boolean {
  if (place === 'early-script') return readEarlyScript(text) !== null;
  if (place === 'early-hook') return text === earlyHook;
  if (place === 'grub-drop-in') return readDropIn(text) !== null;
  return isOwnPlace(place) && readers[place](text) !== null;
}

const isOwnPlace = (place: string): place is keyof typeof readers => Object.hasOwn(readers, place);

const split = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n');

/** Of a start menu only our words, with the entry they stand in. */
function menuLines(text: string): readonly string[] {
  const config = readGrubConfig(text);
  if (!config.ok) return [];
  const names = new Set([bindWord, trialWord].map(argName));
  return allGrubEntries(config.value.items).flatMap((entry) => {
    const words = (entry.linux?.args ?? []).map((word) => word.raw).filter((word) => names.has(argName(word)));
    return words.length === 0 || entry.id === null || !/^[A-Za-z0-9_.+~-]{1,200}$/.test(entry.id) ? [] : [`${entry.id}: ${words.join(' ')}`];
  });
}

function wordLines(text: string): readonly string[] {
  const env = readGrubEnv(text);
  const word = env.ok ? grubEnvValue(env.value, 'next_entry') : null;
  return word === trialEntryId || word === '' ? [`next_entry=${word}`] : [];
}
