// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { HandAct, HandRecord, ManagedCard } from '../../../contract/hand-off';
import { handPhases, handRefusals, handTroubles } from '../../../contract/hand-off';
import type { PciAddress } from '../../../contract/pci';
import { consoleLine } from '../../../core/hand-off/console-lines';
import { badVersion, byLeaving, ruleOf } from '../../../core/hand-off/drivers';
import { inTheWay, mayAsk } from '../../../core/hand-off/holders';
import type { FunctionNow, HandLook } from '../../../core/hand-off/look';
import { refuseMove } from '../../../core/hand-off/refuse';
import { readStory, statusOf } from '../../../core/hand-off/story';
import { usualPolicy } from '../../../core/hand-off/table';
import { wayBack } from '../../../core/hand-off/way-back';
import { phaseOf, wayOut } from '../../../core/hand-off/way-out';

const at = (text: string): PciAddress => text as PciAddress;
const [gpu, sound, usb, port] = [at('0000:01:00.0'), at('0000:01:00.1'), at('0000:01:00.2'), at('0000:01:00.3')];
const fn = (address: PciAddress, pciClass: string, driver: string | null, more: Partial<FunctionNow> = {}): FunctionNow => ({ address, vendor: '10de', device: '2206', subsystemVendor: null, subsystemDevice: null, class: pciClass, driver, override: null, power: 'auto', resetMethods: ['bus'], group: 7, virtualFunctions: 0, ...more });
const four = (driver: string | null): FunctionNow[] => [fn(gpu, '0300', driver), fn(sound, '0403', 'snd_hda_intel'), fn(usb, '0c03', 'xhci_hcd'), fn(port, '0c80', 'nvidia-gpu')];
const cardOf = (functions: readonly FunctionNow[], more: Partial<ManagedCard> = {}): ManagedCard => ({ way: 'on-demand', policy: usualPolicy, services: [], restartWhenStuck: false, functions: functions.map(({ address, vendor, device, subsystemVendor, subsystemDevice }) => ({ address, vendor, device, subsystemVendor, subsystemDevice })), ...more });
const lookOf = (functions: readonly FunctionNow[], more: Partial<HandLook> = {}): HandLook => ({
  functions: new Map(functions.map((one) => [one.address, one])),
  members: functions.map((one) => ({ address: one.address, group: 7, driver: one.driver, bridge: false })),
  others: new Map(),
  besides: [],
  modules: new Map(['nvidia', 'nvidia_modeset', 'nvidia_drm', 'nvidia_uvm'].map((module) => [module, { module, references: 0, holders: [], version: '580.95.05' }])),
  consoles: [{ console: 'vtcon0', name: '(S) dummy device', bound: false }, { console: 'vtcon1', name: '(M) frame buffer device', bound: true }],
  framebuffers: [],
  lit: [at('0000:02:00.0')],
  kernel: { major: 6, minor: 1 },
  vfio: true,
  manager: 'none',
  services: [],
  processors: { online: [0, 1, 2, 3, 4, 5, 6, 7], slices: [{ slice: 'user.slice', threads: '' }, { slice: 'system.slice', threads: '' }] },
  ...more,
});
const acts = (look: HandLook, card: ManagedCard): readonly string[] => wayOut([card], look).map(({ act }) => short(act));
const short = (act: HandAct): string => `${act.act} ${'device' in act ? act.device.slice(-1) : 'module' in act ? `${act.loaded ? '+' : '-'}${act.module}` : 'console' in act ? `${act.console}=${act.bound}` : 'unit' in act ? `${act.unit}=${act.runs}` : 'on' in act ? String(act.on) : ''}`.trim();

describe('the way out', () => {
  test('lets parts leave in order, with the drawing one last, and NVIDIA by its modules alone', () => {
    const functions = four('nvidia');
    expect(acts(lookOf(functions), cardOf(functions))).toEqual([
      'timer true', 'override 3', 'override 2', 'override 1', 'override 0', 'power 1',
      'module -nvidia_uvm', 'module -nvidia_drm', 'module -nvidia_modeset', 'module -nvidia',
      'unbind 3', 'unbind 2', 'unbind 1', 'unbind 0', 'bind 3', 'bind 2', 'bind 1', 'bind 0',
    ]);
  });

  test('wakes an AMD card before it leaves, and unloads nothing', () => {
    const functions = four('amdgpu');
    const list = acts(lookOf(functions), cardOf(functions));
    expect(list).toContain('power 0');
    expect(list.indexOf('power 0')).toBeLessThan(list.indexOf('unbind 0'));
    expect(list.some((one) => one.startsWith('module'))).toBe(false);
  });

  test('loads vfio-pci where nobody has, and leaves a function alone that already waits there', () => {
    const functions = [fn(gpu, '0300', 'amdgpu'), fn(sound, '0403', 'vfio-pci', { override: 'vfio-pci' })];
    const list = acts(lookOf(functions, { vfio: false }), cardOf(functions));
    expect(list[1]).toBe('module +vfio_pci');
    expect(list.some((one) => one.endsWith(' 1'))).toBe(false);
  });

  test('ends the log-in screen of a single card first, waits until nobody has it open, and takes nothing back on the way', () => {
    const functions = four('amdgpu');
    const look = lookOf(functions, { manager: { unit: 'gdm.service', runs: true }, framebuffers: [{ name: 'amdgpudrmfb', device: gpu }], lit: [gpu] });
    const list = acts(look, cardOf(functions, { way: 'single-card' }));
    expect(list.slice(0, 4)).toEqual(['timer true', 'service gdm.service=false', 'console vtcon1=false', 'quiet']);
    expect(list).not.toContain('console vtcon1=true');
  });

  test('gives the text console back to the card that stays', () => {
    const functions = four('nouveau');
    const list = acts(lookOf(functions, { framebuffers: [{ name: 'nouveaudrmfb', device: gpu }, { name: 'amdgpudrmfb', device: at('0000:02:00.0') }] }), cardOf(functions));
    expect(list).toContain('console vtcon1=false');
    expect(list.at(-1)).toBe('console vtcon1=true');
  });

  test('leaves a text console alone that could not be bound again, unless modules must go, which it holds', () => {
    const consoles = [{ console: 'vtcon0', name: '(M) frame buffer device', bound: true }, { console: 'vtcon1', name: '(M) dummy device', bound: false }];
    const on = (driver: string): readonly string[] => {
      const functions = four(driver);
      return acts(lookOf(functions, { consoles, framebuffers: [{ name: `${driver}drmfb`, device: gpu }] }), cardOf(functions, { way: 'single-card' })).filter((one) => one.startsWith('console'));
    };
    expect(on('amdgpu')).toEqual([]);
    expect(on('nvidia')).toEqual(['console vtcon0=false']);
  });

  describe('threads the VM wants for itself', () => {
    const functions = four('amdgpu');
    const kept = (look: Partial<HandLook>, apart: readonly number[]): readonly HandAct[] => wayOut([cardOf(functions)], lookOf(functions, look), apart).map(({ act }) => act).filter(({ act }) => act === 'threads');
    const processors = lookOf(functions).processors;

    test('are kept free of the rest of the host, last of all, and given back', () => {
      const way = wayOut([cardOf(functions)], lookOf(functions), [4, 5, 7]);
      expect(way.slice(-2).map(({ act }) => act)).toEqual([{ act: 'threads', slice: 'user.slice', threads: '0-3,6' }, { act: 'threads', slice: 'system.slice', threads: '0-3,6' }]);
      expect(wayBack(way).filter(({ act }) => act === 'threads')).toEqual([{ act: 'threads', slice: 'user.slice', threads: '0-7' }, { act: 'threads', slice: 'system.slice', threads: '0-7' }]);
    });

    test('are wanted as well where the card waits for its VM at every start, with the timer before them', () => {
      const waiting = four('vfio-pci').map((one) => ({ ...one, driver: 'vfio-pci' }));
      expect(wayOut([cardOf(waiting)], lookOf(waiting), [4]).map(({ act }) => act.act)).toEqual(['timer', 'threads', 'threads']);
    });

    test('are shared where nothing would be left, where somebody keeps a slice to some already, and where the kernel cannot tell', () => {
      expect(kept({}, [0, 1, 2, 3, 4, 5, 6, 7])).toEqual([]);
      expect(kept({ processors: { ...processors, slices: [{ slice: 'user.slice', threads: '0-1' }, { slice: 'system.slice', threads: '' }] } }, [4])).toEqual([]);
      expect(kept({ processors: { ...processors, slices: [] } }, [4])).toEqual([]);
      expect(kept({}, [99])).toEqual([]);
    });
  });

  test('is empty when every function already waits on vfio-pci', () => {
    const functions = four('vfio-pci').map((one) => ({ ...one, driver: 'vfio-pci' }));
    expect(acts(lookOf(functions), cardOf(functions))).toEqual([]);
  });

  test('has a phase for every change', () => {
    const functions = four('nvidia');
    for (const { act } of wayOut([cardOf(functions)], lookOf(functions))) expect(handPhases).toContain(phaseOf(act));
  });
});

describe('the way back', () => {
  test('brings the drawing function home whole before the next one leaves vfio-pci', () => {
    const functions = four('amdgpu');
    const back = wayBack(wayOut([cardOf(functions)], lookOf(functions))).map(short);
    expect(back.slice(0, 5)).toEqual(['quiet', 'unbind 0', 'override 0', 'bind 0', 'power 0']);
    expect(back.at(-1)).toBe('timer false');
  });

  test('loads NVIDIA’s modules after the override is off, and nvidia before what stands on it', () => {
    const functions = four('nvidia');
    const back = wayBack(wayOut([cardOf(functions)], lookOf(functions))).map(short);
    const order = ['override 0', 'module +nvidia', 'module +nvidia_modeset', 'module +nvidia_drm', 'module +nvidia_uvm', 'bind 0', 'unbind 1'];
    expect(back.filter((one) => order.includes(one))).toEqual(order);
  });

  test('of any beginning of the way out undoes exactly what was begun', () => {
    const functions = four('nvidia');
    const changes = wayOut([cardOf(functions, { way: 'single-card' })], lookOf(functions, { manager: { unit: 'sddm.service', runs: true } }));
    for (let begun = 0; begun <= changes.length; begun++) {
      const part = changes.slice(0, begun);
      const back = wayBack(part).map(short);
      expect(back.includes('service sddm.service=true')).toBe(part.some(({ act }) => act.act === 'service'));
      expect(back.filter((one) => one.startsWith('module')).length).toBe(part.filter(({ act }) => act.act === 'module').length);
      expect(back.filter((one) => one.startsWith('override')).length).toBe(part.filter(({ act }) => act.act === 'override').length);
      expect(back.includes('timer false')).toBe(begun > 0);
    }
  });

  test('twice begun is once undone, with what was there first', () => {
    const first = wayOut([cardOf([fn(gpu, '0300', 'amdgpu')])], lookOf([fn(gpu, '0300', 'amdgpu')]));
    const again = wayOut([cardOf([fn(gpu, '0300', null, { override: 'vfio-pci' })])], lookOf([fn(gpu, '0300', null, { override: 'vfio-pci' })]));
    expect(wayBack([...first, ...again]).filter((act) => act.act === 'override')).toEqual([{ act: 'override', device: gpu, driver: null }]);
    expect(wayBack([...first, ...again]).filter((act) => act.act === 'bind')).toEqual([{ act: 'bind', device: gpu, driver: 'amdgpu' }]);
  });
});

describe('what is known against a hand-over', () => {
  const refuse = (functions: readonly FunctionNow[], look: Partial<HandLook> = {}, card: Partial<ManagedCard> = {}): string | undefined => refuseMove([cardOf(functions, card)], lookOf(functions, look))?.why;
  const table: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['nothing', undefined, refuse(four('amdgpu'))],
    ['no IOMMU group', 'no-group', refuse(four('amdgpu').map((one) => ({ ...one, group: null })))],
    ['a driver that gives up only at boot', 'boot-only', refuse(four('radeon'))],
    ['virtual functions', 'virtual-functions', refuse([fn(gpu, '0300', 'xe', { virtualFunctions: 2 })])],
    ['two NVIDIA cards and a version that hangs', 'known-bad', refuse(four('nvidia'), { others: new Map([['nvidia', [at('0000:02:00.0')]]]), modules: new Map([['nvidia', { module: 'nvidia', references: 3, holders: [], version: '610.12' }]]) })],
    ['two NVIDIA cards and a version nobody can read', 'one-driver-two-cards', refuse(four('nvidia'), { others: new Map([['nvidia', [at('0000:02:00.0')]]]), modules: new Map() })],
    ['one NVIDIA card and the same version', undefined, refuse(four('nvidia'), { modules: new Map([['nvidia', { module: 'nvidia', references: 3, holders: [], version: '610.12' }]]) })],
    ['the only lit screen on demand', 'last-screen', refuse(four('amdgpu'), { lit: [gpu] })],
    ['the only lit screen of a single card', undefined, refuse(four('amdgpu'), { lit: [gpu] }, { way: 'single-card' })],
    ['a log-in screen it does not know', 'manager', refuse(four('amdgpu'), { lit: [gpu], manager: 'unknown' }, { way: 'single-card' })],
    ['the picture of the firmware before Linux 6.0', 'old-framebuffer', refuse(four('amdgpu'), { kernel: { major: 5, minor: 15 }, framebuffers: [{ name: 'EFI VGA', device: gpu }] })],
    ['the same on Linux 6, with no driver of its own', 'firmware-picture', refuse([fn(gpu, '0300', null)], { framebuffers: [{ name: 'simpledrmdrmfb', device: gpu }] })],
    ['the same on Linux 6', undefined, refuse(four('amdgpu'), { framebuffers: [{ name: 'EFI VGA', device: gpu }] })],
    ['a part of the slot that stays and no reset of its own', 'no-reset', refuse([fn(gpu, '0300', 'amdgpu')], { besides: [sound] })],
    ['a part of the slot that stays and FLR', undefined, refuse([fn(gpu, '0300', 'amdgpu', { resetMethods: ['flr', 'bus'] })], { besides: [sound] })],
    ['a member of the group on a host driver', 'group', refuse([fn(gpu, '0300', 'amdgpu')], { members: [{ address: sound, group: 7, driver: 'snd_hda_intel', bridge: false }] })],
    ['a bridge in the group', undefined, refuse([fn(gpu, '0300', 'amdgpu')], { members: [{ address: at('0000:00:01.0'), group: 7, driver: 'pcieport', bridge: true }] })],
  ];
  test.each(table)('%s: %s', (_, wanted, found) => {
    expect(found).toBe(wanted);
  });

  test('the versions that hang are told by number and not by name', () => {
    expect(badVersion('nvidia', '595.58.03', 'unbind')).toBe('unbind-waits-for-ever');
    expect(badVersion('nvidia', '590.48.01', 'unbind')).toBeNull();
    expect(badVersion('amdgpu', '595.58.03', 'unbind')).toBeNull();
  });

  test('drivers nobody wrote about leave by address, and those that draw are woken first', () => {
    expect(ruleOf('bochs-drm')).toEqual({ leaves: 'unbind', awake: true, console: true });
    expect(ruleOf('i801_smbus')).toEqual({ leaves: 'unbind', awake: false, console: false });
    expect(byLeaving(four('xe')).map((one) => one.address)).toEqual([port, usb, sound, gpu]);
  });
});

describe('who is in the way', () => {
  const functions = four('amdgpu');
  const holder = (kind: 'program' | 'session' | 'service' | 'console' | 'container' | 'vm', unit: string | null = null) => ({ device: gpu, kind, pid: 9, name: 'x', uid: 0, unit, evidence: ['/dev/dri/card1 open'] });
  test('is everybody but the console, what ends with the desktop of a single card, and a service the table may move', () => {
    const onDemand = cardOf(functions);
    const none = new Set<number>();
    const ending = new Set([9]);
    expect(inTheWay([holder('console'), holder('session'), holder('program'), holder('vm')], [onDemand], ending).map((one) => one.kind)).toEqual(['session', 'program', 'vm']);
    const single = cardOf(functions, { way: 'single-card' });
    expect(inTheWay([holder('session'), holder('program'), holder('container'), holder('service')], [single], ending).map((one) => one.kind)).toEqual(['container', 'service']);
    expect(inTheWay([holder('session'), holder('program')], [single], none).map((one) => one.kind)).toEqual(['session', 'program']);
    const moves = cardOf(functions, { policy: { ...usualPolicy, service: 'move' }, services: ['ollama.service'] });
    expect(inTheWay([holder('service', 'ollama.service'), holder('service', 'cupsd.service')], [moves], none).map((one) => one.unit)).toEqual(['cupsd.service']);
    expect(inTheWay([holder('service', 'ollama.service')], [cardOf(functions, { services: ['ollama.service'] })], none)).toHaveLength(1);
  });
  test('may be asked about only where the table says so of every one', () => {
    const asks = cardOf(functions, { policy: { ...usualPolicy, program: 'ask' } });
    expect(mayAsk([holder('program')], [asks])).toBe(true);
    expect(mayAsk([holder('program'), holder('vm')], [asks])).toBe(false);
    expect(mayAsk([holder('program')], [cardOf(functions)])).toBe(false);
    expect(mayAsk([], [asks])).toBe(false);
  });
});

describe('the story of a VM', () => {
  const boot = '00000001-0000-4000-8000-000000000001';
  const uuid = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001';
  const head = { at: 1, boot };
  const give: HandRecord = { ...head, kind: 'round', schema: 1, way: 'give', vm: uuid, devices: [gpu], via: 'hook' };
  const begun: HandRecord = { ...head, kind: 'begun', act: { act: 'override', device: gpu, driver: 'vfio-pci' }, was: { act: 'override', device: gpu, driver: null } };
  const end = (how: 'given' | 'home' | 'refused' | 'stuck' | 'adrift'): HandRecord => ({ ...head, kind: 'end', end: how, why: null, took: 1 });
  test('has what was begun until it is home', () => {
    expect(readStory([give, begun, end('given')], boot)).toMatchObject({ devices: [gpu], begun: [{}], stuck: false });
    expect(readStory([give, begun, end('given'), { ...give, way: 'take' }, end('home')], boot)).toMatchObject({ devices: [], begun: [] });
    expect(readStory([give, end('refused')], boot)).toMatchObject({ devices: [], begun: [] });
  });
  test('counts tries that came home half, and forgets them all with the start', () => {
    const tried = [give, begun, end('given'), { ...give, way: 'take' } as const, end('adrift'), { ...give, way: 'take' } as const, end('adrift')];
    expect(readStory(tried, boot)).toMatchObject({ tries: 2, devices: [gpu] });
    expect(readStory(tried, 'another')).toMatchObject({ tries: 0, devices: [], begun: [], stuck: false });
    expect(readStory([...tried, end('stuck')], boot).stuck).toBe(true);
  });
  test('adds up the times of a phase that comes twice', () => {
    const phase = (took: number): HandRecord => ({ ...head, kind: 'phase', phase: 'consoles', took });
    const { last } = readStory([give, phase(2), phase(3)], boot);
    expect(last === null ? null : statusOf(last).phases).toEqual([{ phase: 'consoles', took: 5 }]);
  });
});

describe('the line libvirt shows', () => {
  test('exists for every refusal and trouble, is ASCII and bounded, and leaves no placeholder', () => {
    for (const why of [...handRefusals, ...handTroubles])
      for (const outcome of ['refused', 'home', 'stuck', 'adrift', 'waiting']) {
        const line = consoleLine({ end: outcome, why, detail: {}, holders: [] });
        expect(line).toMatch(/^Switchyard \[[a-z]+\/[a-z-]+\]: [\x20-\x7e]{10,380}\.$/);
        expect(line).not.toMatch(/[{}]/);
      }
  });
  test('names holders, shortens a crowd, and takes no control characters from a name', () => {
    const holders = Array.from({ length: 6 }, (_, index) => ({ device: gpu, kind: 'program' as const, pid: 10 + index, name: index === 0 ? 'a\u001b[2Jb\n' : 'game', uid: 0, unit: null, evidence: ['x'] }));
    const line = consoleLine({ end: 'refused', why: 'held', detail: {}, holders });
    expect(line).toContain('a?[2Jb? (10), game (11), game (12), game (13), and others');
  });
});
