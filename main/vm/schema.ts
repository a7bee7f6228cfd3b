// SPDX-License-Identifier: GPL-3.0-or-later
import type { Result } from '../../contract/problem';
import type { VmFault } from '../../contract/vm-change';
import type { VirshRun } from '../programs';

/** Compares a definition with libvirt's schema; null where that cannot be done here. */
export type SchemaCheck = (xml: string) => Promise<readonly VmFault[] | null>;

/** What xmllint says of a text, one fault a line: `/place/text.xml:12: element foo: Relax-NG validity error : Expecting ...`. */
export const schemaCheckBy = (run: (xml: string) => Promise<Result<VirshRun>>): SchemaCheck => async (xml) => {
  const ended = await run(xml);
  if (!ended.ok) return null;
  const { status, err } = ended.value;
  if (status === 0) return [];
  const faults = readFaults(err, xml);
  // Without a line about the text it was the check that failed, not the text.
  return faults.length === 0 ? null : faults;
};

/**
 * xmllint blames a part again for each part around it, the deepest first, and leaves out the line of the first word when a part
 * has an element too many: that one is found by its name, from the blamed line on.
 */
function readFaults(text: string, xml: string): VmFault[] {
  const found = text.split('\n').flatMap((line): VmFault[] => {
    const [, at, name, said] = /(?::(\d{1,7}): element ([^:\s]{1,128}): )?Relax-NG validity error : (.{1,1000})/.exec(line) ?? [];
    return said === undefined ? [] : [{ code: 'schema', line: at === undefined ? null : Number(at), detail: name === undefined ? {} : { name }, said }];
  });
  const extra = found.flatMap((one): VmFault[] => {
    const name = /^(?:Extra element|Element) (\S{1,128}) (?:in interleave|failed to validate)/.exec(one.said ?? '')?.[1];
    return one.line === null && name !== undefined ? [{ ...one, line: lineOf(xml, name), detail: { name } }] : [];
  });
  const placed = [...extra, ...found.filter((one) => one.line !== null)];
  const byLine = [...new Map(placed.reverse().map((one) => [one.line, one])).values()];
  // The whole document is blamed last and says nothing that its parts have not said.
  const told = byLine.length > 1 ? byLine.filter((one) => one.detail['name'] !== 'domain') : byLine;
  return told.sort((a, b) => (b.line ?? 0) - (a.line ?? 0)).slice(0, 16);
}

function lineOf(xml: string, name: string): number | null {
  const at = xml.split('\n').findIndex((line) => new RegExp(`<${name.replaceAll(/[^\w:.-]/g, '')}[\\s/>]`).test(`${line} `));
  return at === -1 ? null : at + 1;
}
