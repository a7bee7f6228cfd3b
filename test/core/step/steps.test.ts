// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan, Step } from '../../../contract/plan';
import { ok } from '../../../contract/problem';
import { review } from '../../../contract/review';
import { planFor } from '../../../core/plan/plan-for';
import { refusePlan, reviewPlan, viewAfter, viewOf } from '../../../core/plan/review';
import { changesOf, isPlaceChange, touchesOf } from '../../../core/step/changes';
import { describe as inWords } from '../../../core/step/describe';
import { diffOf, lineDiff, noNewline } from '../../../core/step/diff';
import { earlyHook, earlyScript } from '../../../core/step/early-script';
import { printDropIn } from '../../../core/step/drop-in';
import { expectAfterStart, holds, mustHold, type CheckView } from '../../../core/step/must-hold';
import { proveImage, type ImageFound } from '../../../core/step/proof';
import { unnamed } from '../../../core/step/tokens';
import { inverseOf } from '../../../core/step/undo';
import { isKey, say } from '../../../words/say';
import { dedicate, facts, grubEnv, identities, kernel, seen, texts, transaction } from '../plan/machine';

function drawn(found = seen(), machine = facts()): Plan {
  const plan = planFor(machine, found, dedicate(machine));
  if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
  return plan.value;
}
const plan = drawn();
const stepOf = <K extends Step['kind']>(kind: K): Extract<Step, { kind: K }> =>
  plan.steps.find((step): step is Extract<Step, { kind: K }> => step.kind === kind)!;

/** Every reason the planner and the proofs can give, as their sources spell it. */
const reasons = ['core/plan', 'core/step', 'core/read']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
  .filter((path) => path.endsWith('.ts') && (!path.startsWith('core/read/') || path.includes('/grub-')))
  .flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/(?:why: |wrong\()'([a-z-]+)'/g)].map((found) => found[1] ?? ''),
  );

describe('every reason to refuse', () => {
  test.each([...new Set(reasons)])('%s has a sentence in both languages', (why) => {
    const key = `step.refused.${why}`;
    if (!isKey(key)) throw new Error(`no words for ${key}`);
    const detail = Object.fromEntries(
      ['place', 'address', 'class', 'fileSystem', 'kernel', 'module', 'name', 'arg', 'part', 'node', 'most', 'driver', 'given', 'wanted', 'command'].map((name) => [name, 'x']),
    );
    expect(say('en', key, detail)).not.toBe(say('zh', key, detail));
  });

  test('is one of many: the list is read from the sources', () => {
    expect(new Set(reasons).size).toBeGreaterThan(40);
  });
});

describe('every step', () => {
  test.each(plan.steps)('$id has words in both languages for its title, sentence, lines and undo', (step) => {
    const { title, sentence, list, undo } = inWords(step, transaction);
    for (const one of [title, sentence, undo, ...list]) {
      if (!isKey(one.code)) throw new Error(`no words for ${one.code}`);
      for (const language of ['en', 'zh'] as const) {
        expect(say(language, one.code, one.detail)).not.toMatch(/[{}]|undefined/);
        expect(say(language, one.code, one.detail).length).toBeGreaterThan(3);
      }
    }
    // Where a run is shown after a restart only the kind is known.
    expect(title.code).toBe(`step.${step.kind}.title`);
    expect(isKey(title.code) && say('en', title.code, {})).toBe(
      isKey(title.code) && say('en', title.code, title.detail),
    );
  });

  test('has an inverse for each place it touches, last one first', () => {
    for (const step of plan.steps)
      expect(inverseOf(step, transaction).map((one) => one.place)).toEqual([...touchesOf(step)].reverse());
    expect(inverseOf(stepOf('trial-entry'), transaction)).toEqual([{ place: 'grub-custom', how: 'block' }]);
    expect(inverseOf(stepOf('one-shot'), transaction)).toEqual([{ place: 'grub-env', how: 'env' }]);
  });

  test('changes exactly the places it says it touches', () => {
    let view = viewOf(seen(), transaction);
    for (const step of plan.steps) {
      const changes = changesOf(step, view);
      if (!changes.ok) throw new Error(step.id);
      expect(changes.value.filter(isPlaceChange).map((change) => change.place)).toEqual(touchesOf(step));
      view = viewAfter(view, changes.value);
    }
  });
});

describe('Review', () => {
  const steps = reviewPlan(plan, seen());

  test('is of the shape the window takes, with every step in order', () => {
    expect(review.shape.steps.parse(steps)).toEqual(steps);
    expect(steps.map((step) => step.id)).toEqual(plan.steps.map((step) => step.id));
  });

  test('shows the entry and the argument line to the letter, with a name that is still to come', () => {
    const lines = steps
      .flatMap((step) => step.changes)
      .flatMap((change) => (change.kind === 'file' ? change.lines : []));
    expect(lines).toContainEqual({
      mark: '+',
      text: `GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT switchyard.bind=${unnamed}"`,
    });
    expect(
      lines.some(
        (line) =>
          line.mark === '+' &&
          line.text.startsWith('\tlinux ') &&
          line.text.endsWith(`switchyard.trial=${unnamed} panic=30`),
      ),
    ).toBe(true);
    expect(steps.find((step) => step.id === 'trial-image')?.changes).toEqual([
      {
        kind: 'command',
        line: `mkinitramfs -d /var/lib/switchyard/${unnamed}/private/initramfs-tools -o /boot/initrd.img-${kernel}-switchyard ${kernel}`,
      },
    ]);
  });

  test('takes the entry away again after it was put: the two show the same lines', () => {
    const lines = (id: string, mark: string): readonly string[] =>
      steps
        .find((step) => step.id === id)!
        .changes.flatMap((change) =>
          change.kind === 'file' ? change.lines.filter((line) => line.mark === mark).map((line) => line.text) : [],
        );
    expect(lines('drop-trial-entry', '-')).toEqual(lines('trial-entry', '+'));
  });

  test('hides a file the person may not read as a whole', () => {
    const closed = seen(texts(), { closed: ['grub-config'] });
    const hidden = reviewPlan(drawn(closed), closed);
    expect(hidden.find((step) => step.id === 'trial-entry')?.changes).toEqual([
      { kind: 'hidden', path: '/boot/grub/custom.cfg' },
    ]);
    expect(drawn(closed).assumptions).toEqual([{ code: 'closed-files', detail: { count: '1' } }]);
  });
});

describe('before the first step', () => {
  test('a plan that can be rendered is not refused', () => {
    expect(refusePlan(plan, viewOf(seen(), transaction))).toEqual({ ok: true, value: undefined });
  });

  test('a one-shot that is taken and an entry that cannot be copied are, by the step that would fail', () => {
    const taken = viewOf(seen({ ...texts(), 'grub-env': grubEnv('next_entry=memtest') }), transaction);
    expect(refusePlan(plan, taken)).toMatchObject({
      ok: false,
      problem: { stepId: 'one-shot', detail: { why: 'one-shot-taken' } },
    });
    const odd = viewOf(seen({ ...texts(), 'grub-config': 'set default="0"\n' }), transaction);
    expect(refusePlan(plan, odd)).toMatchObject({ ok: false, problem: { stepId: 'trial-entry' } });
  });

  test('what a person may not read refuses nothing: root will', () => {
    const closed = seen(texts(), { closed: ['grub-config', 'grub-env'] });
    expect(refusePlan(plan, viewOf(closed, transaction)).ok).toBe(true);
    expect(
      refusePlan(
        plan,
        viewOf(seen({ ...texts(), 'grub-config': 'x' }, { closed: ['grub-config'], asRoot: true }), transaction),
      ).ok,
    ).toBe(false);
  });
});

const table = { transaction, devices: identities(facts(), '0000:01:00.0', '0000:01:00.1') };
const image: ImageFound = {
  names: [
    'init',
    'scripts/init-top/00-switchyard',
    'scripts/init-top/ORDER',
    `usr/lib/modules/${kernel}/kernel/drivers/vfio/pci/vfio-pci.ko`,
    `usr/lib/modules/${kernel}/kernel/drivers/vfio/vfio_iommu_type1.ko.xz`,
  ],
  order:
    '/scripts/init-top/00-switchyard "$@"\n[ -e /conf/param.conf ] && . /conf/param.conf\n/scripts/init-top/udev "$@"\n',
  script: earlyScript([table]),
  builtin: 'kernel/fs/ext4/ext4.ko\n',
};

describe('an image read back', () => {
  const expected = { kernel, script: earlyScript([table]) };
  test('holds with our script first and its modules, loaded or built in', () => {
    expect(proveImage(image, expected).ok).toBe(true);
    const builtin = {
      ...image,
      names: image.names.slice(0, 3),
      builtin: 'kernel/drivers/vfio/pci/vfio-pci.ko\nkernel/drivers/vfio/vfio_iommu_type1.ko\n',
    };
    expect(proveImage(builtin, expected).ok).toBe(true);
  });

  test.each<readonly [string, Partial<ImageFound>]>([
    ['image-incomplete', { names: image.names.slice(1) }],
    ['image-script', { names: image.names.filter((name) => !name.includes('00-switchyard')) }],
    ['image-script', { script: `${image.script ?? ''} ` }],
    ['image-script', { script: null }],
    ['image-order', { order: '/scripts/init-top/udev "$@"\n/scripts/init-top/00-switchyard "$@"\n' }],
    ['image-order', { order: null }],
    ['image-module', { names: image.names.filter((name) => !name.endsWith('vfio-pci.ko')) }],
    ['image-module', { names: image.names.map((name) => name.replace(kernel, '6.1.0-17-amd64')) }],
  ])('does not hold with %s', (why, damage) => {
    expect(proveImage({ ...image, ...damage }, expected)).toMatchObject({ ok: false, problem: { detail: { why } } });
  });
});

describe('what must hold after a step', () => {
  const view = viewOf(seen(), transaction);
  const finding = (
    places: Record<string, string | null>,
    found: ImageFound | null = image,
    mode = 0o755,
  ): CheckView => ({
    text: (place) => ok(places[place] ?? null),
    image: () => ok(found),
    file: (_, name) => ok({ text: name.startsWith('hooks') ? earlyHook : earlyScript([table]), mode }),
    value: () => ok(''),
    standing: () => ok(null),
  });

  test.each(plan.steps.filter((step) => !['default-image', 'drop-trial-entry'].includes(step.kind)))(
    '$id: is found missing on a machine where nothing was done',
    (step) => {
      const checks = mustHold(step, view);
      expect(checks.ok && checks.value.length).toBeGreaterThan(0);
      const untouched: CheckView = {
        text: (place) => (place.startsWith('trial-image') ? ok('left') : view.text(place)),
        image: () => ok(null),
        file: () => ok(null),
        value: () => ok(''),
        standing: () => ok(null),
      };
      expect(checks.ok && checks.value.every((check) => holds(check, untouched).ok)).toBe(false);
    },
  );

  test('holds where the step did what it said', () => {
    const config = changesOf(stepOf('trial-entry'), view);
    const custom = config.ok && config.value[0]?.change === 'write' ? config.value[0].text : '';
    const places = { ...texts(), 'grub-custom': custom };
    for (const kind of ['trial-config', 'trial-image', 'trial-entry'] as const) {
      const checks = mustHold(stepOf(kind), view);
      if (!checks.ok) throw new Error(kind);
      for (const check of checks.value) expect(holds(check, finding(places))).toEqual({ ok: true, value: undefined });
    }
  });

  test('a script that is not executable does not hold: mkinitramfs would pass over it', () => {
    const checks = mustHold(stepOf('trial-config'), view);
    expect(checks.ok && checks.value.every((check) => holds(check, finding({}, image, 0o644)).ok)).toBe(false);
  });

  test('a rebuilt image must hold the script that stands in the configuration', () => {
    const script = earlyScript([table]);
    const checks = mustHold(stepOf('default-image'), viewOf(seen({ ...texts(), 'early-script': script }), transaction));
    expect(checks).toEqual({
      ok: true,
      value: [{ check: 'image', place: `default-image:6.1.0-17-amd64`, kernel: '6.1.0-17-amd64', script }],
    });
    expect(mustHold(stepOf('default-image'), view).ok).toBe(false);
  });

  test('after the start: the words, the IOMMU and every device on vfio-pci', () => {
    expect(
      expectAfterStart(plan, transaction, 'trial').map((one) =>
        one.check === 'argument' ? one.arg : one.check === 'bound' ? `${one.device.address} ${one.driver}` : one.check,
      ),
    ).toEqual([
      `switchyard.trial=${transaction}`,
      '0000:01:00.0 vfio-pci',
      '0000:01:00.1 vfio-pci',
      `switchyard.bind=${transaction}`,
      'iommu-active',
    ]);
    expect(
      expectAfterStart(plan, transaction, 'kept').some(
        (one) => one.check === 'argument' && one.arg.startsWith('switchyard.trial'),
      ),
    ).toBe(false);
  });
});

describe('with a card kept already', () => {
  test('the table in force stays in the script beside the new one', () => {
    const machine = facts();
    machine.pci.functions.push({ ...machine.pci.functions[3]!, address: '0000:03:00.0' as never });
    machine.iommu.groups.value!.push({ id: 20, members: ['0000:03:00.0' as never], type: 'DMA', reserved: [] });
    const old = 'fedcba9876543210';
    const kept = seen({
      ...texts(),
      'early-script': earlyScript([{ ...table, transaction: old }]),
      'early-hook': earlyHook,
      'grub-drop-in': printDropIn({ transaction: old, args: [] }),
    });
    const second = planFor(machine, kept, dedicate(machine, '0000:03:00.0'));
    const step = second.ok ? second.value.steps.find((one) => one.kind === 'early-bind') : undefined;
    const changes = step === undefined ? null : changesOf(step, viewOf(kept, transaction));
    const script = changes?.ok === true && changes.value[0]?.change === 'write' ? changes.value[0].text : '';
    expect(script).toContain(`table_${old}() {`);
    expect(script).toContain(`table_${transaction}() {`);
    expect(script.match(/0000:03:00\.0/g)?.length).toBe(1);
  });
});

describe('a diff', () => {
  const line = fc.constantFrom('a\n', 'b\n', 'c\n', '\n', '+x\n');
  const text = fc
    .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('', 'end'))
    .map(([lines, end]) => lines.join('') + end);
  const side = (old: string, now: string, mark: '+' | '-'): string => {
    const lines = lineDiff(old, now).filter((one) => one.mark === ' ' || one.mark === mark);
    return lines
      .map((one, index) =>
        one.text === noNewline ? '' : lines[index + 1]?.text === noNewline ? one.text : `${one.text}\n`,
      )
      .join('');
  };

  test('holds both texts whole, to the last line break', () => {
    fc.assert(
      fc.property(text, text, (old, now) => {
        expect(side(old, now, '-')).toBe(old);
        expect(side(old, now, '+')).toBe(now);
      }),
    );
  });

  test('of an environment block leaves out the filling and nothing else: its lines give back the bytes that are written', () => {
    const view = viewOf(seen(), transaction);
    const [change] = diffOf(stepOf('one-shot'), view);
    const written = changesOf(stepOf('one-shot'), view);
    const before = view.text('grub-env');
    if (change?.kind !== 'file' || !written.ok || written.value[0]?.change !== 'write' || !before.ok) throw new Error('no change');
    expect(change.withoutPadding).toBe(true);
    expect(change.lines.filter((one) => /^#+$/.test(one.text) || one.text === noNewline)).toEqual([]);
    const block = (mark: '+' | '-'): string => {
      const lines = change.lines.filter((one) => one.mark === ' ' || one.mark === mark);
      return lines.map((one) => `${one.text}\n`).join('').padEnd(1024, '#');
    };
    expect(block('+')).toBe(written.value[0].text);
    expect(block('-')).toBe(before.value);
  });

  test('of a text with itself adds and takes away nothing', () => {
    fc.assert(fc.property(text, (same) => lineDiff(same, same).every((one) => one.mark === ' ')));
  });

  test('changes as few lines as can be', () => {
    expect(lineDiff('a\nb\nc\n', 'a\nc\nd\n')).toEqual([
      { mark: ' ', text: 'a' },
      { mark: '-', text: 'b' },
      { mark: ' ', text: 'c' },
      { mark: '+', text: 'd' },
    ]);
  });
});
