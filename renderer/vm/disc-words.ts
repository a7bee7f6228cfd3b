// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmMedia } from '../../contract/vm-media';
import type { Session } from '../state/session.svelte';

export interface DiscTold {
  readonly tone: 'good' | 'warn' | 'stop';
  readonly title: string;
  readonly more: string | null;
}

/** What a disc turned out to be, and whether it is what was asked for. */
export function discWords(session: Session, media: VmMedia, wants: 'windows' | 'drivers' | 'any'): DiscTold {
  const wrong = (code: 'not-windows' | 'not-drivers'): string => session.t(`vm.media.${code}`);
  switch (media.kind) {
    case 'unusable':
      return { tone: 'stop', title: session.tell(`vm.media.${media.why}`, media.detail), more: null };
    case 'windows':
      return windowsWords(session, media, wants === 'drivers' ? wrong('not-drivers') : null);
    case 'drivers': {
      const title = session.t('window.vm.disc.is-drivers', { systems: media.systems.map((it) => (it === 'w11' ? 'Windows 11' : 'Windows 10')).join(', ') });
      if (wants === 'windows') return { tone: 'stop', title: wrong('not-windows'), more: title };
      return { tone: 'good', title, more: media.agent ? session.t('window.vm.disc.with-agent') : session.t('window.vm.disc.without-agent') };
    }
    case 'linux':
    case 'other': {
      const title = session.t(`window.vm.disc.is-${media.kind}`, { label: media.label });
      if (wants !== 'any') return { tone: 'stop', title: wrong(wants === 'windows' ? 'not-windows' : 'not-drivers'), more: title };
      return media.boots ? { tone: 'good', title, more: null } : { tone: 'warn', title, more: session.t('window.vm.disc.no-start') };
    }
    default:
      return media satisfies never;
  }
}

function windowsWords(session: Session, { system, images }: Extract<VmMedia, { readonly kind: 'windows' }>, wrong: string | null): DiscTold {
  const title = session.t('window.vm.disc.is-windows', { system: system === 'windows-11' ? 'eleven' : system === 'windows-10' ? 'ten' : 'older', count: images.length });
  if (wrong !== null) return { tone: 'stop', title: wrong, more: title };
  if (system === 'older') return { tone: 'warn', title, more: session.t('window.vm.disc.older') };
  const languages = [...new Set(images.flatMap((it) => it.languages))].join(', ');
  return { tone: 'good', title, more: [...new Set(images.map((it) => it.name))].slice(0, 6).join(' · ') + (languages === '' ? '' : ` (${languages})`) };
}
