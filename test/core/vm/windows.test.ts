// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { windowsAnswers, type WindowsAnswers } from '../../../contract/vm-windows';
import { lookUp, readEntry } from '../../../core/read/disc/bytes';
import { readIso } from '../../../core/read/disc/iso9660';
import { readXml, type XmlElement } from '../../../core/read/xml';
import { attributeOf, childrenOf, isElement, textOf } from '../../../core/read/xml-find';
import { answerDisc } from '../../../core/vm/windows/answer-disc';
import { answerFile } from '../../../core/vm/windows/answer-file';
import { writeDisc } from '../../../core/vm/windows/disc-writer';
import { firstLogon } from '../../../core/vm/windows/first-logon';
import { judgeMedia } from '../../../core/vm/windows/media';
import { hiddenPassword } from '../../../core/vm/windows/password';
import { discOf } from './discs';

const answers: WindowsAnswers = windowsAnswers.parse({
  drivers: 'w11',
  image: 'Windows 11 Pro',
  language: 'en-US',
  keyboard: '0409:00000409',
  timeZone: 'W. Europe Standard Time',
  computer: 'PLAY-1',
  user: 'Änne & Söhne',
  password: 'p<a>&"ß\'汉',
  key: null,
  remoteDesktop: true,
  skipChecks: false,
});
const rootOf = (xml: string): XmlElement => {
  const read = readXml(xml);
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  return read.value.root;
};
const all = (element: XmlElement, name: string): XmlElement[] => element.children.filter(isElement).flatMap((one) => [...(one.name === name ? [one] : []), ...all(one, name)]);
const texts = (xml: string, name: string): string[] => all(rootOf(xml), name).map((one) => textOf(one));

describe('the answer file', () => {
  const xml = answerFile(answers);

  test('has the three passes, all for 64 bits', () => {
    const settings = childrenOf(rootOf(xml), 'settings');
    expect(settings.map((one) => attributeOf(one, 'pass'))).toEqual(['windowsPE', 'specialize', 'oobeSystem']);
    expect(new Set(all(rootOf(xml), 'component').map((one) => attributeOf(one, 'processorArchitecture')))).toEqual(new Set(['amd64']));
  });

  test('wipes the first disk only, names the image exactly and the account with its password hidden', () => {
    expect(new Set(texts(xml, 'DiskID'))).toEqual(new Set(['0']));
    expect(all(rootOf(xml), 'MetaData').map((one) => childrenOf(one, 'Value').map(textOf))).toEqual([['Windows 11 Pro']]);
    expect(texts(xml, 'Username')).toEqual(['Änne & Söhne']);
    const hidden = all(rootOf(xml), 'Password').map((one) => childrenOf(one, 'Value').map(textOf).join(''));
    expect(new Set(hidden.map((one) => Buffer.from(one, 'base64').toString('utf16le')))).toEqual(new Set([`${answers.password}Password`]));
    expect(xml).not.toContain(answers.password);
  });

  test('leaves TPM, Secure Boot and UAC on', () => {
    expect(xml).not.toMatch(/LabConfig|Bypass(TPM|SecureBoot)|EnableLUA|ConsentPromptBehavior/);
    const without = answerFile({ ...answers, skipChecks: true });
    expect(without).toMatch(/BypassTPMCheck/);
    expect(without).toMatch(/BypassSecureBootCheck/);
    expect(without).not.toMatch(/EnableLUA/);
  });

  test('opens Remote Desktop only when asked', () => {
    expect(xml).toContain('fDenyTSConnections');
    expect(answerFile({ ...answers, remoteDesktop: false })).not.toMatch(/fDenyTSConnections|FirewallGroup/);
  });

  test('uses the person\'s key, the public one for Pro, and none for other editions', () => {
    expect(texts(xml, 'Key')).toContain('VK7JG-NPHTM-C97JM-9MPGT-3V66T');
    expect(texts(answerFile({ ...answers, key: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE' }), 'Key')).toContain('AAAAA-BBBBB-CCCCC-DDDDD-EEEEE');
    expect(texts(answerFile({ ...answers, image: 'Windows 11 Home' }), 'Key')).toEqual(['/IMAGE/NAME']);
  });

  test('hides a password as its elements\' names ask', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (password) => Buffer.from(hiddenPassword(password, 'AdministratorPassword'), 'base64').toString('utf16le') === `${password}AdministratorPassword`));
  });

  test('whatever a person calls things, the file stays well-formed and says the same', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((one) => windowsAnswers.shape.user.safeParse(one).success);
    fc.assert(fc.property(name, (user) => { expect(texts(answerFile({ ...answers, user }), 'Username')).toEqual([user]); }));
  });

  test.each([
    ['user', 'a\\b'],
    ['user', 'a@b'],
    ['user', '...'],
    ['user', 'x'.repeat(21)],
    ['computer', 'sixteen-letters-'],
    ['computer', '12345'],
    ['computer', '-a'],
    ['computer', 'a b'],
    ['language', 'en_US'],
    ['key', 'AAAAA'],
    ['password', ''],
    ['password', 'a\nb'],
  ])('refuses %s %j', (field, value) => {
    expect(windowsAnswers.safeParse({ ...answers, [field]: value }).success).toBe(false);
  });
});

describe('the first logon', () => {
  test('has lines that end as Windows ends them, and writes the file the agent looks for last', () => {
    const script = firstLogon();
    expect(script.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(script.indexOf('setup.done')).toBeGreaterThan(script.indexOf('virtio-win-guest-tools'));
  });
});

describe('the answer disc', () => {
  const bytes = answerDisc(answers);
  const tree = readIso(discOf(bytes))?.tree;

  test('holds the two files under their long names', () => {
    if (tree === undefined) throw new Error('no tree');
    expect([tree.kind, tree.label, tree.claims]).toEqual(['joliet', 'ANSWERS', bytes.length]);
    const content = (path: string): string => {
      const entry = lookUp(tree, path);
      const read = entry === null ? null : readEntry(discOf(bytes), entry, 0, entry.size);
      return read === null ? 'missing' : Buffer.from(read).toString('utf8');
    };
    expect(content('autounattend.xml')).toBe(answerFile(answers));
    expect(content('switchyard/first.cmd')).toBe(firstLogon());
  });

  test('is the same bytes for the same answers', () => {
    expect(Buffer.compare(answerDisc(answers), bytes)).toBe(0);
  });

  test('is told as a disc that starts nothing', () => {
    expect(judgeMedia(discOf(bytes))).toEqual({ kind: 'other', label: 'ANSWERS', boots: false });
  });
});

describe('what a disc is', () => {
  test.each([
    ['nothing', new Uint8Array(0)],
    ['zeros', new Uint8Array(2 ** 20)],
    ['a web page that was saved as .iso', new TextEncoder().encode('<html>'.repeat(200_000))],
  ])('%s is no disc', (_name, bytes) => {
    expect(judgeMedia(discOf(bytes))).toEqual({ kind: 'unusable', why: 'not-a-disc', detail: {} });
  });

  test('a disc cut anywhere is never taken for a whole one', () => {
    const whole = writeDisc({ label: 'X', files: [{ path: 'casper/vmlinuz', text: 'k'.repeat(9000) }] });
    expect(judgeMedia(discOf(whole)).kind).toBe('linux');
    for (let length = 0; length < whole.length; length += 1000) expect(judgeMedia(discOf(whole.subarray(0, length))).kind).toBe('unusable');
  });

  test('a disc with any bytes changed gets an answer and not a throw', () => {
    const whole = writeDisc({ label: 'X', files: [{ path: 'sources/install.wim', text: 'MSWIM' }, { path: 'a.txt', text: 'a' }] });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 16 * 2048, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 40 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        return typeof judgeMedia(discOf(bytes)).kind === 'string';
      }),
      { numRuns: 2000 },
    );
  });

  test('a Windows disc without a real archive is told as damaged', () => {
    const fake = writeDisc({ label: 'CCCOMA_X64', files: [{ path: 'sources/install.wim', text: 'this is no archive'.repeat(100) }, { path: 'autorun.inf', text: 'x' }] });
    expect(judgeMedia(discOf(fake))).toEqual({ kind: 'unusable', why: 'windows-damaged', detail: { missing: 'install.wim' } });
  });
});
