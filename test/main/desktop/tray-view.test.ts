// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { menuName, plainName } from '../../../main/desktop/label';
import type { Offer } from '../../../main/desktop/offers';
import { trayOf } from '../../../main/desktop/tray-view';
import { languages } from '../../../words/say';

const offer = (more: Partial<Offer> = {}): Offer => ({ uuid: 'a', name: 'win11', press: 'over', label: 'over', away: false, attention: false, ...more });
const english = { language: 'en', stays: false } as const;
const labels = ['over', 'over-single', 'back', 'giving', 'taking', 'testing', 'stuck'] as const;

describe('the icon', () => {
  test('is there while a card can move, or while it is the way back to a closed window', () => {
    expect(trayOf([], english)).toBeNull();
    expect(trayOf([], { language: 'en', stays: true })).toEqual({ icon: 'home', tip: 'Switchyard', entries: [{ kind: 'open', label: 'Open Switchyard' }, { kind: 'quit', label: 'Quit' }] });
    expect(trayOf([offer()], english)?.icon).toBe('home');
  });

  test('says where the card is, and first what needs somebody', () => {
    expect(trayOf([offer(), offer({ away: true })], english)).toMatchObject({ icon: 'away', tip: 'Switchyard: a virtual machine has the card' });
    expect(trayOf([offer({ away: true }), offer({ attention: true })], english)).toMatchObject({ icon: 'attention', tip: 'Switchyard: the card needs attention' });
  });

  test('has a picture for each state, once and twice the size, that no other state has, and that lets the panel through', () => {
    const seen = new Set<string>();
    for (const icon of ['home', 'away', 'attention']) {
      for (const [size, name] of [[24, icon], [48, `${icon}@2x`]] as const) {
        const file = readFileSync(`assets/tray/tray-${name}.png`);
        const { width, height, data } = PNG.sync.read(file);
        expect([width, height, data[3]]).toEqual([size, size, 0]);
        seen.add(file.toString('base64'));
      }
    }
    expect(seen.size).toBe(6);
    expect(existsSync('assets/icons/256x256.png')).toBe(true);
  });
});

describe('the menu', () => {
  test('has an entry for each VM, the window and the end, and nothing can be pressed while something is on its way', () => {
    expect(trayOf([offer(), offer({ uuid: 'b', name: 'arch', press: 'back', label: 'back' }), offer({ uuid: 'c', name: 'c', press: 'wait', label: 'taking' })], english)?.entries).toEqual([
      { kind: 'vm', vm: 'a', wish: 'over', label: 'Hand the card to win11', enabled: true },
      { kind: 'vm', vm: 'b', wish: 'back', label: 'Take the card back from arch', enabled: true },
      { kind: 'vm', vm: 'c', wish: 'back', label: 'Taking the card back from c…', enabled: false },
      { kind: 'line' },
      { kind: 'open', label: 'Open Switchyard' },
      { kind: 'quit', label: 'Quit' },
    ]);
  });

  test('has a sentence for every state in both languages', () => {
    for (const language of languages)
      for (const label of labels) {
        const said = trayOf([offer({ label })], { language, stays: false })?.entries[0];
        expect(said).toMatchObject({ kind: 'vm', label: expect.stringContaining('win11') as string });
        expect(JSON.stringify(said)).not.toMatch(/door\.|[{]name/);
      }
  });

  test('stays short, however many VMs there are', () => {
    expect(trayOf(Array.from({ length: 64 }, (_, index) => offer({ uuid: String(index) })), english)?.entries).toHaveLength(16 + 3);
  });
});

describe('the name of a VM in a menu', () => {
  test.each([
    ['a mark of Electron’s menus', 'R&D', 'R&&D'],
    ['marks in a row', '&&a&', '&&&&a&&'],
    ['an underscore', 'win_11', 'win_11'],
    ['a line break', 'win\n--quit\r\nx', 'win --quit x'],
    ['control characters', 'a\u0000b\u001b[31mc\u0085d', 'ab[31mcd'],
    ['marks that turn a line round', 'a\u202Eexe\u2066b', 'aexeb'],
    ['what cannot be seen', '\u200B\u2060\uFEFF', '…'],
    ['a placeholder of our sentences', '{name}', '{name}'],
    ['markup', '<b>x</b>', '<b>x</b>'],
    ['another script', '游戏机', '游戏机'],
  ])('is told plainly where it holds %s', (_what, name, told) => {
    expect(menuName(name)).toBe(told);
  });

  test('is one short line whatever it is, and no letter of it is a mark', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const plain = plainName(name);
        expect([...plain].length).toBeLessThanOrEqual(160);
        expect(plain).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u);
        expect(menuName(name).replaceAll('&&', '')).not.toContain('&');
      }),
    );
    expect([...plainName('x'.repeat(500))]).toHaveLength(40);
  });
});
