// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmEdit } from '../../contract/vm-domain';
import { failed, ok, type Result } from '../../contract/problem';
import { memoryMiB, sourceAddress } from '../read/virsh-domain';
import { readXml, type XmlElement } from '../read/xml';
import { attributeOf, childrenOf, find, isElement, textOf } from '../read/xml-find';
import { giveEdit } from './edit-give';
import { adopt, giveUp } from './edit-mark';
import { element } from './xml/draw';
import { appended, spliced, withAttribute, without, withText, type Splice } from './xml/splice';

/**
 * Changes a domain by the smallest edits of its text; what nobody named stays byte for byte, in whatever form it was written.
 * Fails with `bad-input` (not a domain), or `refused` with `why`.
 */
export function editDomain(xml: string, edits: readonly VmEdit[]): Result<string> {
  let text = xml;
  for (const edit of edits) {
    const document = readXml(text);
    if (!document.ok) return document;
    const { root } = document.value;
    if (root.name !== 'domain') return failed('bad-input', { why: 'virsh-shape' });
    const splices = splicesOf(text, root, edit);
    if (!splices.ok) return splices;
    text = spliced(text, splices.value);
  }
  return ok(text);
}

function splicesOf(source: string, root: XmlElement, edit: VmEdit): Result<readonly Splice[]> {
  switch (edit.kind) {
    case 'give':
      return giveEdit(source, root, edit);
    case 'take-back':
      return takeBack(source, root, edit.functions);
    case 'pin':
      return pin(source, root, edit.pinning);
    case 'unpin':
      return ok(unpin(source, root));
    case 'memory':
      return memory(source, root, edit.sizeMiB);
    case 'pages':
      return ok(pages(source, root, edit.pages));
    case 'adopt':
      return ok(adopt(source, root));
    case 'give-up':
      return ok(giveUp(source, root));
    default:
      return edit satisfies never;
  }
}

function takeBack(source: string, root: XmlElement, functions: readonly string[]): Result<readonly Splice[]> {
  const devices = find(root, 'devices');
  const given = devices === null ? [] : childrenOf(devices, 'hostdev');
  const found = given.filter((one) => attributeOf(one, 'type') !== 'mdev' && functions.includes(sourceAddress(one) ?? ''));
  const missing = functions.find((address) => !found.some((one) => sourceAddress(one) === address));
  return missing === undefined ? ok(found.map((one) => without(source, one))) : failed('not-found', { what: 'vm-device', address: missing });
}

const pinNames = ['vcpupin', 'emulatorpin', 'iothreadpin'];

/** Takes pins away; a tuning element that holds nothing else goes with them. */
function unpin(source: string, root: XmlElement): Splice[] {
  const tune = find(root, 'cputune');
  if (tune === null) return [];
  const inside = tune.children.filter(isElement);
  const pins = inside.filter((one) => pinNames.includes(one.name));
  return pins.length === inside.length ? [without(source, tune)] : pins.map((one) => without(source, one));
}

function pin(source: string, root: XmlElement, pinning: Extract<VmEdit, { kind: 'pin' }>['pinning']): Result<readonly Splice[]> {
  const vcpus = Number(textOf(find(root, 'vcpu')).trim() || '1');
  if (vcpus !== pinning.vcpus.length) return failed('refused', { why: 'pins-count', pins: String(pinning.vcpus.length), cpus: String(vcpus) });
  if (new Set(pinning.vcpus).size !== pinning.vcpus.length) return failed('refused', { why: 'pins-twice', thread: String(pinning.vcpus.find((one, at) => pinning.vcpus.indexOf(one) !== at)) });
  const threads = Number(textOf(find(root, 'iothreads')).trim() || '0');
  const drawn = [
    ...pinning.vcpus.map((thread, vcpu) => element('vcpupin', { vcpu, cpuset: thread })),
    element('emulatorpin', { cpuset: pinning.emulator.join(',') }),
    ...Array.from({ length: Math.min(threads, 64) }, (_, at) => element('iothreadpin', { iothread: at + 1, cpuset: pinning.io.join(',') })),
  ];
  const tune = find(root, 'cputune');
  if (tune === null) return ok([appended(source, root, [element('cputune', {}, drawn)], find(root, 'iothreads') ?? find(root, 'vcpu') ?? undefined)]);
  const old = tune.children.filter(isElement).filter((one) => pinNames.includes(one.name));
  const rest = tune.children.filter(isElement).filter((one) => !pinNames.includes(one.name));
  const gone = old.map((one) => without(source, one));
  if (old.length > 0 || rest.length > 0) return ok([...gone, appended(source, tune, drawn)]);
  return ok([appended(source, tune, drawn)]);
}

/** Both sizes, because a balloon between them would be somebody's choice: only an equal one moves along. */
function memory(source: string, root: XmlElement, sizeMiB: number): Result<readonly Splice[]> {
  const [whole, current] = [find(root, 'memory'), find(root, 'currentMemory')];
  if (whole === null) return failed('bad-input', { why: 'virsh-shape' });
  const set = (one: XmlElement): Splice[] => [withAttribute(source, one, 'unit', 'MiB'), withText(one, String(sizeMiB))];
  const follows = current !== null && (memoryMiB(current) === memoryMiB(whole) || memoryMiB(current) > sizeMiB);
  return ok([...set(whole), ...(follows ? set(current) : [])]);
}

function pages(source: string, root: XmlElement, wanted: 'ordinary' | '2M' | '1G'): Splice[] {
  const backing = find(root, 'memoryBacking');
  const old = backing === null ? null : find(backing, 'hugepages');
  if (wanted === 'ordinary') {
    if (backing === null || old === null) return [];
    return [without(source, backing.children.filter(isElement).length === 1 ? backing : old)];
  }
  const huge = element('hugepages', {}, [element('page', wanted === '2M' ? { size: 2048, unit: 'KiB' } : { size: 1, unit: 'GiB' })]);
  if (backing === null) return [appended(source, root, [element('memoryBacking', {}, [huge])], find(root, 'currentMemory') ?? find(root, 'memory') ?? undefined)];
  return old === null ? [appended(source, backing, [huge])] : [without(source, old), appended(source, backing, [huge])];
}

