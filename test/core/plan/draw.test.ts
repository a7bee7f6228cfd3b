// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { plan as planShape, type Plan } from '../../../contract/plan';
import { planFor } from '../../../core/plan/plan-for';
import { touchesOf } from '../../../core/step/changes';
import { actsOnEveryStart } from '../../../core/step/places';
import { earlyHook, earlyScript } from '../../../core/step/early-script';
import { printDropIn } from '../../../core/step/drop-in';
import { dedicate, facts, identities, kernel, olderKernel, seen, texts, transaction } from './machine';

function drawn(result: ReturnType<typeof planFor>): Plan {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

describe('the plan of a dedicated card on Debian', () => {
  const plan = drawn(planFor(facts(), seen(), dedicate()));

  test('prepares, tries once and keeps, in this order', () => {
    expect(plan.steps.map((step) => `${step.phase} ${step.id}`)).toEqual([
      'prepare trial-config',
      'prepare trial-image',
      'prepare trial-entry',
      'trial one-shot',
      'keep early-bind',
      'keep default-image-1',
      'keep default-image-2',
      'keep kernel-args',
      'keep boot-config',
      'keep drop-trial-entry',
      'keep drop-trial-image',
    ]);
    expect(plan.needsRestart).toBe(true);
  });

  test('is of the shape that crosses processes', () => {
    expect(planShape.parse(plan)).toEqual(plan);
  });

  test('gives each step one phase and its own id, phases in order', () => {
    const order = plan.steps.map((step) => ['prepare', 'trial', 'keep'].indexOf(step.phase));
    expect(order).toEqual([...order].sort());
    expect(new Set(plan.steps.map((step) => step.id)).size).toBe(plan.steps.length);
  });

  test('touches nothing that shapes every start before keep', () => {
    const early = plan.steps.filter((step) => step.phase !== 'keep').flatMap(touchesOf);
    expect(early.filter(actsOnEveryStart)).toEqual([]);
    expect(early).toContain('grub-custom');
    expect(
      plan.steps
        .filter((step) => step.phase === 'keep')
        .flatMap(touchesOf)
        .filter(actsOnEveryStart).length,
    ).toBeGreaterThan(4);
  });

  test('names no group number and knows the whole group as a set', () => {
    expect(JSON.stringify(plan)).not.toContain('"14"');
    expect(
      plan.basis.groups.map((group) => group.map((member) => `${member.identity.address} ${member.part}`)),
    ).toEqual([['0000:00:01.0 bridge', '0000:01:00.0 give', '0000:01:00.1 give']]);
  });

  test('rebuilds the image of every installed kernel that has one', () => {
    const without = { ...texts(), [`default-image:${olderKernel}`]: null };
    const one = drawn(planFor(facts(), seen(without), dedicate()));
    expect(one.steps.filter((step) => step.kind === 'default-image').map((step) => step.kernel)).toEqual([kernel]);
  });
});

describe('kernel arguments', () => {
  const args = (plan: Plan): readonly string[] =>
    plan.steps.flatMap((step) => (step.kind === 'kernel-args' ? step.args : []));

  test('are none where the IOMMU comes up by itself', () => {
    expect(args(drawn(planFor(facts(), seen(), dedicate())))).toEqual([]);
  });

  test('carry intel_iommu=on where only the present command line turned it on', () => {
    const machine = facts();
    machine.kernel.args.value = ['quiet', 'intel_iommu=on'];
    machine.kernel.config.value = {};
    expect(args(drawn(planFor(machine, seen(), dedicate())))).toEqual(['intel_iommu=on']);
  });

  test('never turn AMD on: amd_iommu=on is no value the kernel knows', () => {
    const machine = facts();
    machine.cpu.vendor.value = 'amd';
    machine.kernel.args.value = ['quiet', 'amd_iommu=on'];
    expect(JSON.stringify(drawn(planFor(machine, seen(), dedicate())))).not.toContain('amd_iommu');
  });

  test('turn an Intel IOMMU on after one trial with the usual image', () => {
    const machine = facts();
    machine.iommu.groups.value = [];
    machine.kernel.config.value = {};
    const plan = drawn(planFor(machine, seen(), { kind: 'enable-iommu' }));
    expect(plan.steps.map((step) => step.kind)).toEqual([
      'trial-entry',
      'one-shot',
      'kernel-args',
      'boot-config',
      'drop-trial-entry',
    ]);
    expect(args(plan)).toEqual(['intel_iommu=on']);
    expect(plan.steps[0]).toMatchObject({ image: 'default', bind: 'none' });
  });
});

describe('a machine with a kept card', () => {
  const devices = identities(facts(), '0000:01:00.0', '0000:01:00.1');
  const kept = {
    ...texts(),
    'early-script': earlyScript([{ transaction, devices }]),
    'early-hook': earlyHook,
    'grub-drop-in': printDropIn({ transaction, args: ['intel_iommu=on'] }),
  };

  test('has nothing to do for the same card', () => {
    const plan = drawn(planFor(facts(), seen(kept), dedicate()));
    expect(plan.steps).toEqual([]);
    expect(plan.needsRestart).toBe(false);
  });

  test('keeps the first card, its arguments and its table when a second one goes', () => {
    const machine = facts();
    machine.pci.functions.push({ ...machine.pci.functions[3]!, address: '0000:03:00.0' as never });
    machine.iommu.groups.value!.push({ id: 20, members: ['0000:03:00.0' as never], type: 'DMA', reserved: [] });
    const plan = drawn(planFor(machine, seen(kept), dedicate(machine, '0000:03:00.0')));
    const bind = plan.steps.find((step) => step.kind === 'early-bind');
    expect(bind?.devices.map((device) => device.address)).toEqual(['0000:01:00.0', '0000:01:00.1', '0000:03:00.0']);
    expect(bind?.kept?.transaction).toBe(transaction);
    expect(plan.steps.find((step) => step.kind === 'kernel-args')?.args).toEqual(['intel_iommu=on']);
  });

  test('is refused when a card of the kept table is another one now', () => {
    const machine = facts();
    machine.pci.functions[3]!.device = '2208';
    machine.pci.functions.push({ ...machine.pci.functions[3]!, address: '0000:03:00.0' as never });
    expect(planFor(machine, seen(kept), dedicate(machine, '0000:03:00.0'))).toMatchObject({
      ok: false,
      problem: { code: 'precondition-failed', detail: { why: 'device-changed', address: '0000:01:00.0' } },
    });
  });
});
