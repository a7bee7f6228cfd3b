// SPDX-License-Identifier: GPL-3.0-or-later
/* eslint-disable no-control-regex -- control characters are what this file takes away */

/** One line of pasted text after the paste's own noise is taken away; `number` counts the lines as pasted, from 1. */
export interface PastedLine {
  readonly number: number;
  /** White space collapsed to single spaces, both ends trimmed. */
  readonly text: string;
  readonly indented: boolean;
}

export const limits = {
  /** Characters of the whole paste (8 MiB of ASCII). */
  characters: 8 * 1024 * 1024,
  lines: 200_000,
  /** A longer line is cut before it is read: no line of these programs is longer. */
  lineCharacters: 4096,
  functions: 16_384,
} as const;

const ansi = /\u001b(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|\][^\u0007\u001b]{0,256}(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// C0 (but tab), C1, soft hyphen, zero-width and direction marks: none of them is part of a fact.
const unseen =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g;
const quoteMarks = /^(?:[ \t]{0,3}>[ \t]?){1,8}/;
const lineNumber = /^[ \t]{0,8}\d{1,6}(?:[:|)][ \t]|[ \t]*[│|][ \t]?|\t)/;
// `grep -n`; from four digits on it could be a PCI domain.
const grepNumber =
  /^\d{1,3}[:-](?=(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7]\s)|^\d{1,6}[:-](?=\[ *\d+\.\d+\])/i;

/** Text -> lines, with colours, control characters, quote marks and line numbers taken away. Nothing in it is interpreted. */
export function pastedLines(text: string): readonly PastedLine[] {
  const quoted = isQuoted(text);
  return parted(
    joinWrapped(text.split(/\r\n|[\n\r\u2028\u2029]/).map((raw, index) => cleanLine(raw, index + 1, quoted))),
  );
}

const opened = /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] [^[\]]{1,64} \[[0-9a-f]{4}\]:/i;
const ids = /\[[0-9a-f]{4}:[0-9a-f]{4}\]/i;

/** Puts the first line of a function together again where a mail program broke it before its ids. */
function joinWrapped(lines: readonly PastedLine[]): readonly PastedLine[] {
  const joined: PastedLine[] = [];
  let open: PastedLine | null = null;
  for (const line of lines) {
    const continues: boolean =
      open !== null && ids.test(line.text) && !opened.test(line.text) && !/^[A-Z][A-Za-z ]{2,20}:/.test(line.text);
    if (open !== null && continues) joined[joined.length - 1] = { ...open, text: `${open.text} ${line.text}` };
    else joined.push(line);
    open = !continues && opened.test(line.text) && !ids.test(line.text) ? line : null;
  }
  return joined;
}

function cleanLine(raw: string, number: number, quoted: boolean): PastedLine {
  let text = raw.slice(0, limits.lineCharacters).replace(ansi, '').replace(unseen, '');
  // A lone `>` may be a prompt; as a quote mark it stands before most lines.
  if (quoted) text = text.replace(quoteMarks, '');
  text = text.replace(grepNumber, '').replace(lineNumber, '');
  return { number, text: text.replace(/\s+/g, ' ').trim(), indented: /^\s/.test(text) };
}

function isQuoted(text: string): boolean {
  const sample = text
    .slice(0, 20_000)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return sample.filter((line) => /^[ \t]{0,3}>/.test(line)).length * 2 > sample.length;
}

const head = /(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] [^[\]]{1,64} \[[0-9a-f]{4}\]: /gi;
const seam =
  / (?=(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] [^[\]]{1,64} \[[0-9a-f]{4}\]: |(?:IOMMU )?Group:? ?\d{1,5}[: ]|Subsystem: |Kernel (?:driver in use|modules): |DeviceName: |Flags: |Control: |IOMMU group: )/gi;

/** Parts lines that lost their line ends: otherwise the ids of the last function would be read as the first one's. */
function parted(lines: readonly PastedLine[]): readonly PastedLine[] {
  return lines.flatMap((line) => {
    const heads = line.text.match(head)?.length ?? 0;
    if (
      heads === 0 ||
      (heads === 1 && !/ (?:Subsystem|Kernel driver in use|Kernel modules|DeviceName|Flags|Control): /.test(line.text))
    )
      return [line];
    return line.text.split(seam).map((text) => ({ ...line, text }));
  });
}
