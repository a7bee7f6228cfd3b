// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { windowsAnswers } from '../../contract/vm-windows';
import { answerDisc } from '../../core/vm/windows/answer-disc';
import { answerFile } from '../../core/vm/windows/answer-file';
import { firstLogon } from '../../core/vm/windows/first-logon';
import { lookAtDisc } from '../../main/vm/disc-file';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-discs-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const at = (name: string): string => join(folder, name);
const run = (program: string, ...words: string[]): string => {
  const done = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (done.status !== 0) throw new Error(`${program} ${words.join(' ')}: ${done.stderr}`);
  return done.stdout;
};
const told = (name: string) => {
  const look = lookAtDisc(at(name));
  return look.ok ? look.value : look.problem;
};

const answers = windowsAnswers.parse({ drivers: 'w11', image: 'Windows 11 Pro', language: 'de-DE', keyboard: '0407:00000407', timeZone: 'W. Europe Standard Time', computer: 'PC', user: 'Jörg', password: 'secret', key: null, remoteDesktop: false, skipChecks: false });

describe.skipIf(!existsSync('/usr/bin/bsdtar'))('our answer disc, read by another program', () => {
  beforeAll(() => { writeFileSync(at('answers.iso'), answerDisc(answers)); });

  test('holds exactly the two files, byte for byte', () => {
    expect(run('bsdtar', '-tf', at('answers.iso')).split('\n').filter((one) => one !== '' && one !== '.').sort()).toEqual(['autounattend.xml', 'switchyard', 'switchyard/first.cmd']);
    mkdirSync(at('out'));
    run('bsdtar', '-xf', at('answers.iso'), '-C', at('out'));
    expect(readFileSync(at('out/autounattend.xml'), 'utf8')).toBe(answerFile(answers));
    expect(readFileSync(at('out/switchyard/first.cmd'), 'utf8')).toBe(firstLogon());
  });

  test.skipIf(!existsSync('/usr/bin/isoinfo'))('has a plain tree of old names and a Joliet tree of long ones, both whole', () => {
    expect(run('isoinfo', '-f', '-i', at('answers.iso')).trim().split('\n').sort()).toEqual(['/AUTOUNAT.XML;1', '/SWITCHYA', '/SWITCHYA/FIRST.CMD;1']);
    expect(run('isoinfo', '-J', '-f', '-i', at('answers.iso')).trim().split('\n').sort()).toEqual(['/autounattend.xml;1', '/switchyard', '/switchyard/first.cmd;1']);
    expect(run('isoinfo', '-J', '-i', at('answers.iso'), '-x', '/autounattend.xml;1')).toBe(answerFile(answers));
  });
});

const makers = ['/usr/bin/genisoimage', '/usr/bin/wimcapture', '/usr/bin/wiminfo'];
const lacking = makers.find((file) => !existsSync(file));
if (lacking !== undefined) console.log(`NOT RUN: discs made by other programs told apart, because ${lacking} is not here`);

describe.skipIf(lacking !== undefined)('discs that other programs made', () => {
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  };
  const disc = (name: string, tree: string, ...words: string[]): void => { run('genisoimage', '-quiet', ...words, '-o', at(name), at(tree)); };
  /** An archive with the properties that Microsoft's have, made by another program. */
  const archive = (path: string, images: readonly (readonly [string, string, string, number])[]): void => {
    put('payload/readme.txt', 'x'.repeat(5000));
    mkdirSync(dirname(at(path)), { recursive: true });
    for (const [index, [name, edition, arch, build]] of images.entries()) {
      run(index === 0 ? 'wimcapture' : 'wimappend', at('payload'), at(path), name);
      const property = (key: string, value: string): string => `--image-property=${key}=${value}`;
      run('wiminfo', at(path), String(index + 1), property('WINDOWS/ARCH', arch), property('WINDOWS/EDITIONID', edition), property('WINDOWS/VERSION/BUILD', String(build)), property('WINDOWS/LANGUAGES/LANGUAGE', 'en-US'));
    }
  };

  beforeAll(() => {
    archive('win/sources/install.wim', [['Windows 11 Home', 'Core', '9', 26_100], ['Windows 11 Pro', 'Professional', '9', 26_100]]);
    put('win/sources/boot.wim', 'x');
    put('win/efi/boot/bootx64.efi', 'MZ');
    put('win/autorun.inf', 'x');
    disc('win.iso', 'win', '-udf', '-J', '-V', 'CCCOMA_X64FRE_EN-US_DV9');
    // Microsoft's discs show nothing but a note outside UDF.
    disc('udf-only.iso', 'win', '-udf', '-hide', 'sources', '-hide', 'efi', '-V', 'CCCOMA');
    archive('ten/sources/install.wim', [['Windows 10 Pro', 'Professional', '9', 19_045]]);
    disc('ten.iso', 'ten', '-udf', '-V', 'TEN');
    archive('arm/sources/install.wim', [['Windows 11 Pro', 'Professional', '12', 26_100]]);
    disc('arm.iso', 'arm', '-udf', '-V', 'ARM');
    put('bare/sources/boot.wim', 'x');
    disc('bare.iso', 'bare', '-udf', '-V', 'BARE');
    put('linux/casper/vmlinuz', 'x');
    put('linux/isolinux/isolinux.bin', 'x'.repeat(4096));
    disc('linux.iso', 'linux', '-J', '-r', '-V', 'Ubuntu 26.04 LTS amd64', '-b', 'isolinux/isolinux.bin', '-no-emul-boot', '-boot-load-size', '4');
    for (const system of ['w10', 'w11']) put(`virtio/viostor/${system}/amd64/viostor.inf`, 'x');
    put('virtio/virtio-win-guest-tools.exe', 'x');
    disc('virtio.iso', 'virtio', '-J', '-r', '-V', 'virtio-win-0.1.285');
    put('music/track.flac', 'x');
    disc('music.iso', 'music', '-J', '-V', 'MUSIC');
    const size = readFileSync(at('win.iso')).length;
    for (const [name, part] of [['half.iso', 0.5], ['nearly.iso', 0.97]] as const) {
      copyFileSync(at('win.iso'), at(name));
      truncateSync(at(name), Math.floor(size * part));
    }
    put('fake/sources/install.wim', 'MSWIM no more than a name'.repeat(100));
    disc('fake.iso', 'fake', '-udf', '-V', 'CCCOMA_X64FRE_EN-US_DV9');
    put('fake.txt', 'not a disc');
  }, 60_000);

  test('Windows 11 is told with its editions, processor and build', () => {
    expect(told('win.iso')).toEqual({
      kind: 'windows',
      label: 'CCCOMA_X64FRE_EN-US_DV9',
      system: 'windows-11',
      uefi: true,
      images: [
        { index: 1, name: 'Windows 11 Home', edition: 'Core', architecture: 'x64', build: 26_100, languages: ['en-US'] },
        { index: 2, name: 'Windows 11 Pro', edition: 'Professional', architecture: 'x64', build: 26_100, languages: ['en-US'] },
      ],
    });
  });

  test('Windows 11 is told also where only UDF shows it', () => {
    expect(told('udf-only.iso')).toMatchObject({ kind: 'windows', system: 'windows-11' });
  });

  test.each([
    ['ten.iso', { kind: 'windows', system: 'windows-10', uefi: false }],
    ['arm.iso', { kind: 'unusable', why: 'wrong-processor', detail: { processor: 'arm64' } }],
    ['bare.iso', { kind: 'unusable', why: 'windows-damaged' }],
    ['linux.iso', { kind: 'linux', label: 'Ubuntu 26.04 LTS amd64', boots: true }],
    ['virtio.iso', { kind: 'drivers', label: 'virtio-win-0.1.285', systems: ['w10', 'w11'], agent: true }],
    ['music.iso', { kind: 'other', label: 'MUSIC', boots: false }],
    ['half.iso', { kind: 'unusable', why: 'cut-short' }],
    ['nearly.iso', { kind: 'unusable', why: 'cut-short' }],
    ['fake.iso', { kind: 'unusable', why: 'windows-damaged' }],
    ['fake.txt', { kind: 'unusable', why: 'not-a-disc' }],
    ['missing.iso', { code: 'not-found' }],
    ['win', { code: 'unreadable', detail: { why: 'not-a-file' } }],
  ])('%s is told for what it is', (name, expected) => {
    expect(told(name)).toMatchObject(expected);
  });

  test('a pipe that nobody writes to is not waited for', () => {
    run('mkfifo', at('pipe.iso'));
    expect(told('pipe.iso')).toMatchObject({ code: 'unreadable', detail: { why: 'not-a-file' } });
  });
});
