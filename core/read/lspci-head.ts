// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import { readAddress } from './address';
import { splitClassName } from './class-names';

/** What the first line of a function says. `class` and `ids` are null when the listing was made without `-nn`. */
export interface Head {
  readonly address: PciAddress;
  readonly class: string | null;
  readonly ids: { readonly vendor: string; readonly device: string } | null;
  readonly name: string | null;
  readonly revision: string | null;
  readonly progIf: string | null;
  /** `Driver: pcieport` at the end of the line, as some group scripts print it; `''` when the word stands alone. */
  readonly driver: string | null;
}

const lead =
  /^(?:[│├└─|`+*•·-]{1,6} ?){0,4}(?:\[([0-9a-f]{4}):([0-9a-f]{4})\] )?(?:\[[Rr ]\] )?((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7])(?=$|[ :,])[:,]? ?/i;
const named = /^([^[\]"]{1,64}?) ?\[([0-9a-f]{4})\] ?:? ?/i;
const numeric = /^(?:class )?([0-9a-f]{4}): ?([0-9a-f]{4}):([0-9a-f]{4})(?= |$)/i;
const idPair = /\[([0-9a-f]{4}):([0-9a-f]{4})\]/gi;
const quotedFields =
  /^"([^"]{1,64}) \[([0-9a-f]{4})\]" "([^"]{0,128}) \[([0-9a-f]{4})\]" "([^"]{0,256}) \[([0-9a-f]{4})\]"/i;

/** The address a line begins with (after list marks), or null. */
export function leadingAddress(text: string): { readonly address: PciAddress; readonly rest: string } | null {
  const found = lead.exec(text);
  const address = found?.[3] === undefined ? null : readAddress(found[3]);
  return found === null || address === null ? null : { address, rest: text.slice(found[0].length) };
}

/** Reads the first line of a function in any of lspci's forms (`-nn`, `-n`, `-nnmm`, plain) or a group script's. */
export function readHead(text: string): Head | null {
  const found = lead.exec(text);
  const address = found?.[3] === undefined ? null : readAddress(found[3]);
  if (found === null || address === null) return null;
  const rest = text.slice(found[0].length);
  const before =
    found[1] !== undefined && found[2] !== undefined
      ? { vendor: found[1].toLowerCase(), device: found[2].toLowerCase() }
      : null;
  return (
    numericHead(address, rest) ??
    quotedHead(address, rest) ??
    namedHead(address, rest, before) ??
    plainHead(address, rest, before)
  );
}

function numericHead(address: PciAddress, rest: string): Head | null {
  const found = numeric.exec(rest);
  if (found?.[1] === undefined || found[2] === undefined || found[3] === undefined) return null;
  const tail = tailOf(rest.slice(found[0].length));
  return {
    address,
    class: found[1].toLowerCase(),
    ids: { vendor: found[2].toLowerCase(), device: found[3].toLowerCase() },
    name: null,
    ...tail,
  };
}

function quotedHead(address: PciAddress, rest: string): Head | null {
  const found = quotedFields.exec(rest);
  if (found === null) return null;
  const [, , code, vendorName, vendor, name, device] = found;
  if (code === undefined || vendor === undefined || device === undefined) return null;
  const revision = / -r([0-9a-f]{2})(?= |$)/.exec(rest)?.[1] ?? null;
  const progIf = / -p([0-9a-f]{2})(?= |$)/.exec(rest)?.[1] ?? null;
  const ids = { vendor: vendor.toLowerCase(), device: device.toLowerCase() };
  return { address, class: code.toLowerCase(), ids, name: `${vendorName} ${name}`, revision, progIf, driver: null };
}

function namedHead(address: PciAddress, rest: string, before: Head['ids']): Head | null {
  const found = named.exec(rest);
  if (found?.[2] === undefined || found[1] === undefined) return null;
  return withIds(address, found[2].toLowerCase(), rest.slice(found[0].length), before);
}

const worded = /^([A-Z][A-Za-z0-9 ()/-]{2,63}): /;

/** A line of plain `lspci`: the class by its name where it is one we know, the ids from nowhere. */
function plainHead(address: PciAddress, rest: string, before: Head['ids']): Head | null {
  const split = splitClassName(rest);
  if (split !== null) return withIds(address, split.code, split.rest, before);
  const name = worded.exec(rest);
  return name === null ? null : withIds(address, null, rest.slice(name[0].length), before);
}

function withIds(address: PciAddress, code: string | null, described: string, before: Head['ids']): Head {
  const tail = tailOf(described);
  const pairs = [...tail.rest.matchAll(idPair)];
  const last = pairs.at(-1);
  const ids =
    last?.[1] !== undefined && last[2] !== undefined
      ? { vendor: last[1].toLowerCase(), device: last[2].toLowerCase() }
      : before;
  const name = (last === undefined ? tail.rest : tail.rest.slice(0, last.index)).trim();
  const { revision, progIf, driver } = tail;
  return { address, class: code, ids, name: name === '' ? null : name.slice(0, 512), revision, progIf, driver };
}

const marks = / ?\((?:rev ([0-9a-f]{2})|prog-if ([0-9a-f]{2})(?: \[[^\]]{0,64}\])?)\)/gi;

/** Takes `(rev a1)`, `(prog-if 00 [VGA controller])` and a trailing `Driver: x` off the end of a description. */
function tailOf(described: string): {
  rest: string;
  revision: string | null;
  progIf: string | null;
  driver: string | null;
} {
  let revision: string | null = null;
  let progIf: string | null = null;
  for (const mark of described.matchAll(marks)) {
    revision ??= mark[1]?.toLowerCase() ?? null;
    progIf ??= mark[2]?.toLowerCase() ?? null;
  }
  const plain = described.replace(marks, '');
  const said = /(?:^| )(?:kernel )?driver(?: in use)?: ?([A-Za-z0-9_.-]{0,64})$/i.exec(plain);
  const rest = said === null ? plain : plain.slice(0, said.index);
  return { rest, revision, progIf, driver: said?.[1] ?? null };
}
