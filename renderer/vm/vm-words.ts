// SPDX-License-Identifier: GPL-3.0-or-later
import type { Problem } from '../../contract/problem';
import type { VmMode } from '../../contract/vm-mode';
import type { IconName } from '../parts/icons';
import { problemSentence } from '../state/problem-words';
import type { Session } from '../state/session.svelte';
import { sentenceOf } from '../state/finding-words';

/** The cause of what went wrong with a VM, and what to do about it: libvirt's causes and our own refusals first, the general words last. */
export function vmProblemWords(session: Session, problem: Problem): { readonly cause: string; readonly next: string | null } {
  const why = problem.detail['why'] ?? '';
  if (problem.code === 'unsupported-host' && problem.detail['what'] === 'virsh') return { cause: session.t('vm.mode.libvirt-missing'), next: session.t('window.vm.install') };
  const failure = `vm.failure.${why}`;
  if (session.has(failure)) return { cause: session.tell(failure, problem.detail), next: session.tell(`${failure}.next`, problem.detail) };
  const refusal = `vm.refusal.${why}`;
  // Its sentence says what to choose instead.
  if (session.has(refusal)) return { cause: session.tell(refusal, problem.detail), next: null };
  const own = `problem.${problem.code}.${why}`;
  if (problem.code === 'refused' && !session.has(own)) return { cause: session.t('window.vm.unknown-cause'), next: session.t('window.vm.unknown-cause.next') };
  return { cause: problemSentence(session, problem), next: session.tell(`problem.${problem.code}.next`) };
}

/** Causes that the graphics card's own part of the window can do something about. */
const ofTheCard: readonly string[] = ['group-not-viable', 'vfio-container', 'no-iommu', 'vfio-node-missing', 'card-busy', 'not-detached', 'device-gone', 'acs-missing', 'not-an-endpoint', 'no-vfio', 'vfio-not-ready'];
export const isOfTheCard = (problem: Problem): boolean => ofTheCard.includes(problem.detail['why'] ?? '');

/** A VM's network that Switchyard can start: one that is off, or libvirt's usual one, whose definition its package brings. */
export const isOfNetwork = ({ detail }: Problem): boolean => detail['why'] === 'network-inactive' || (detail['why'] === 'network-missing' && detail['network'] === 'default');

/** MiB as people say it. */
export function sizeWords(session: Session, mib: number): string {
  const gib = mib / 1024;
  const number = new Intl.NumberFormat(session.language === 'zh' ? 'zh-Hans' : 'en-GB', { maximumFractionDigits: 1 });
  return gib >= 1 ? `${number.format(gib)} GiB` : `${number.format(mib)} MiB`;
}

/** What speaks about a mode on this machine, as sentences: of its programs first, then of its card. */
export const modeReasons = (session: Session, mode: VmMode): readonly string[] => [
  ...mode.notes.map((note) => session.tell(`vm.mode.${note}`)),
  ...mode.reasons.map((reason) => sentenceOf(session, reason)),
];

export const possibleIcons: Readonly<Record<VmMode['possible'], IconName>> = { yes: 'good', conditional: 'warn', no: 'stop', unknown: 'note' };

export const versionWords = ({ major, minor, patch }: { readonly major: number; readonly minor: number; readonly patch: number }): string => `${String(major)}.${String(minor)}.${String(patch)}`;

/** A mode by its name, with the card it is about and the way it is given. */
export function modeTitle(session: Session, { mode, card, way }: Pick<VmMode, 'mode' | 'card' | 'way'>): string {
  const name = session.t(`vm.mode.${mode}`);
  if (card === null) return name;
  return way === null ? session.t('window.vm.mode.of', { mode: name, card: card.name }) : session.t('window.vm.mode.of-way', { mode: name, card: card.name, way: session.t(`window.way.${way}`) });
}
