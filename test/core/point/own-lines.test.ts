// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeNames } from '../../../contract/plan';
import { ownLines } from '../../../core/point/own-lines';
import { printDropIn } from '../../../core/step/drop-in';
import { earlyHook, earlyScript } from '../../../core/step/early-script';
import { putBlock } from '../../../core/step/edit/marker-block';

const dropIn = printDropIn({ transaction: '0123456789abcdef', args: ['intel_iommu=on'] });
const mine = /^[A-Z]{12}$/;

test('a file that is byte for byte ours is shown whole', () => {
  expect(ownLines('grub-drop-in', dropIn)).toEqual(dropIn.trimEnd().split('\n'));
  expect(ownLines('early-hook', earlyHook)).toContain('# managed by switchyard');
  expect(ownLines('early-script', earlyScript([]))[0]).toBe('#!/bin/sh');
});

test.each(placeNames)('no line of somebody else is ever shown of %s, wherever they put it', (place) => {
  const ours = [dropIn, earlyHook, earlyScript([]), 'next_entry=switchyard-trial\n', 'linux /vmlinuz root=UUID=1 switchyard.bind=0123456789abcdef\n'];
  fc.assert(
    fc.property(fc.constantFrom(...ours), fc.stringMatching(mine), fc.nat(400), (text, secret, at) => {
      const lines = text.split('\n');
      lines.splice(at % (lines.length + 1), 0, `password ${secret}`);
      expect(ownLines(place, lines.join('\n')).join('\n')).not.toContain(secret);
    }),
  );
});

test('of a shared file only our block is shown', () => {
  const text = putBlock('SECRET of mine\n', 'our lines\n');
  if (!text.ok) throw new Error('no block');
  expect(ownLines('grub-custom', `${text.value}ANOTHER SECRET\n`)).toEqual(['our lines']);
});

test('of a start menu only our words are shown, with the entry they stand in', () => {
  const menu = ["menuentry 'Debian' --id gnulinux-simple-1 {", '  linux /boot/vmlinuz-6.1 root=UUID=SECRET quiet switchyard.bind=0123456789abcdef', '  initrd /boot/initrd.img-6.1', '}', ''].join('\n');
  expect(ownLines('grub-config', menu)).toEqual(['gnulinux-simple-1: switchyard.bind=0123456789abcdef']);
});

test('what is shown is bounded, and nothing is shown of what is absent', () => {
  expect(ownLines('early-script', null)).toEqual([]);
  const many = putBlock('', Array.from({ length: 1000 }, () => 'x'.repeat(2000)).join('\n'));
  if (!many.ok) throw new Error('no block');
  const lines = ownLines('grub-custom', many.value);
  expect([lines.length, Math.max(...lines.map((line) => line.length))]).toEqual([256, 512]);
});
