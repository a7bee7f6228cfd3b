// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pciBar } from '../../../../contract/pci';
import { readBootLoader } from '../../../../core/read/sysfs/boot-loader';
import { readBootParams } from '../../../../core/read/sysfs/boot-params';
import { readName } from '../../../../core/read/sysfs/clean';
import { readCpuInfo } from '../../../../core/read/sysfs/cpuinfo';
import { readLoadOption, readNumber, readVariable, readWideText } from '../../../../core/read/sysfs/efi-variable';
import { hypervisorOf } from '../../../../core/read/sysfs/hypervisor';
import { readInterruptRemapping } from '../../../../core/read/sysfs/interrupts';
import { readKernelConfig } from '../../../../core/read/sysfs/kernel-config';
import { readKernelLog } from '../../../../core/read/sysfs/kernel-log';
import { readMemory } from '../../../../core/read/sysfs/meminfo';
import { readModuleAliases } from '../../../../core/read/sysfs/modules-alias';
import { readMounts } from '../../../../core/read/sysfs/mountinfo';
import { readChosen, readCpuList, readInteger, readSwitch } from '../../../../core/read/sysfs/numbers';
import { readOsRelease } from '../../../../core/read/sysfs/os-release';
import { readPciNames } from '../../../../core/read/sysfs/pci-ids';
import { readReserved } from '../../../../core/read/sysfs/reserved-regions';
import { readBars, readResizeSizes } from '../../../../core/read/sysfs/resource';
import { readPciUevent } from '../../../../core/read/sysfs/uevent';

const hex = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;

describe('a resource file', () => {
  test('gives back the address, size and kind of every BAR it was written from', () => {
    const bar = fc.record({
      start: fc.bigInt(1n, (1n << 62n) - 1n),
      size: fc.bigInt(1n, 1n << 40n),
      kind: fc.constantFrom('io', 'memory'),
      prefetchable: fc.boolean(),
      wide: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.option(bar), { minLength: 6, maxLength: 6 }), (bars) => {
        const text = bars
          .map((one) =>
            one === null
              ? `${hex(0n)} ${hex(0n)} ${hex(0n)}`
              : `${hex(one.start)} ${hex(one.start + one.size - 1n)} ${hex((one.kind === 'io' ? 0x100n : 0x200n) | (one.prefetchable ? 0x2000n : 0n) | (one.wide ? 0x100000n : 0n))}`,
          )
          .join('\n');
        const expected = bars.flatMap((one, index) =>
          one === null
            ? []
            : [
                {
                  index,
                  start: one.start.toString(16),
                  size: Number(one.size),
                  kind: one.kind,
                  prefetchable: one.prefetchable,
                  wide: one.wide,
                  resizableTo: null,
                },
              ],
        );
        expect(readBars(text)).toEqual(expected);
      }),
    );
  });

  test('keeps the size of a BAR that has no address, and invents none', () => {
    expect(readBars('0x0000000000000000 0x000000000fffffff 0x0000000020140200\n')).toMatchObject([
      { start: '0', size: 256 << 20 },
    ]);
  });

  test('reads no bridge window as a BAR', () => {
    const window = `${hex(0xa0000000n)} ${hex(0xa1ffffffn)} ${hex(0x200n)}\n`;
    expect(readBars(`${`${hex(0n)} ${hex(0n)} ${hex(0n)}\n`.repeat(13)}${window}`)).toEqual([]);
  });

  test('tells the sizes a BAR can have: bit n is 2^(n+20) bytes', () => {
    expect(readResizeSizes('0000000000003f00\n')).toEqual(
      [256, 512, 1024, 2048, 4096, 8192].map((mib) => mib * 2 ** 20),
    );
    expect(readResizeSizes('many')).toBeNull();
  });
});

describe('a uevent file', () => {
  test('gives ids, class and driver; the class has no leading zero in it', () => {
    expect(
      readPciUevent(
        'DRIVER=nouveau\nPCI_CLASS=30000\nPCI_ID=10DE:2206\nPCI_SUBSYS_ID=1043:87B3\nPCI_SLOT_NAME=0000:01:00.0\nMODALIAS=pci:x\n',
      ),
    ).toEqual({
      vendor: '10de',
      device: '2206',
      subsystemVendor: '1043',
      subsystemDevice: '87b3',
      class: '0300',
      progIf: '00',
      driver: 'nouveau',
      modalias: 'pci:x',
    });
  });

  test.each([
    '',
    'PCI_CLASS=30000\n',
    'PCI_CLASS=30000\nPCI_ID=10DE\nPCI_SUBSYS_ID=1043:87B3',
    'PCI_CLASS=zz\nPCI_ID=10DE:2206\nPCI_SUBSYS_ID=1043:87B3',
  ])('that is torn is none', (text) => {
    expect(readPciUevent(text)).toBeNull();
  });
});

describe('modules.alias', () => {
  const find = readModuleAliases(
    [
      'alias pci:v00001002d*sv*sd*bc03sc*i* amdgpu',
      'alias pci:v00001002d000073BFsv*sd*bc03sc00i00* radeon',
      'alias pci:v*d*sv*sd*bc0Csc03i30* xhci_pci',
      'alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci',
      'alias usb:v1002p* x',
    ].join('\n'),
  );
  test.each([
    ['pci:v00001002d000073BFsv00001DA2sd0000E438bc03sc00i00', ['amdgpu', 'radeon']],
    ['pci:v00001002d000073BFsv00001DA2sd0000E438bc04sc03i00', []],
    ['pci:v00001022d0000149Csv00001043sd000087C0bc0Csc03i30', ['xhci_pci']],
  ])('answers %s with %j, and never with a driver that binds only by override', (modalias, modules) => {
    expect(find(modalias)).toEqual(modules);
  });

  test('is never slow, whatever its stars', () => {
    const worst = readModuleAliases(`alias pci:v0000AAAA${'*a'.repeat(400)}b m\n`);
    const started = Date.now();
    expect(worst(`pci:v0000AAAA${'a'.repeat(4000)}`)).toEqual([]);
    expect(Date.now() - started).toBeLessThan(1000);
  });
});

describe('pci.ids', () => {
  const ids =
    '# comment\n0001  First\n10de  NVIDIA Corporation\n# inside\n\t2206  GA102\n\t\t1043 2207  not a device\n10df  Emulex\n\t2207  Other vendor\nC 03  Display\n\t00  VGA\n';
  test('names only what was asked for, in its own vendor', () => {
    const names = readPciNames(
      ids,
      new Map([
        ['10de', new Set(['2206', '2207'])],
        ['0001', new Set<string>()],
        ['ffff', new Set(['0000'])],
      ]),
    );
    expect([...names.keys()]).toEqual(['10de', '0001']);
    expect(names.get('10de')?.name).toBe('NVIDIA Corporation');
    expect([...(names.get('10de')?.devices ?? [])]).toEqual([['2206', 'GA102']]);
  });
});

describe('boot_params', () => {
  const bytes = (kind: number, low: number, high: number, capabilities: number): Uint8Array => {
    const data = new Uint8Array(4096);
    const view = new DataView(data.buffer);
    view.setUint8(0x0f, kind);
    view.setUint32(0x18, low, true);
    view.setUint32(0x36, capabilities, true);
    view.setUint32(0x3a, high, true);
    return data;
  };
  test.each([
    { what: 'a 64-bit EFI framebuffer', kind: 0x70, low: 0, high: 0x60, wide: 2, address: 0x6000000000n },
    {
      what: 'a 32-bit one, whatever stands in the high half',
      kind: 0x70,
      low: 0xd0000000,
      high: 0x60,
      wide: 0,
      address: 0xd0000000n,
    },
    { what: 'a VESA one', kind: 0x23, low: 0xe0000000, high: 0, wide: 0, address: 0xe0000000n },
    { what: 'a text screen', kind: 0x22, low: 0xb8000, high: 0, wide: 0, address: 0n },
  ])('gives the address of $what', ({ kind, low, high, wide, address }) => {
    expect(readBootParams(bytes(kind, low, high, wide))?.framebuffer).toBe(address);
  });
  test('that is too short is none', () => expect(readBootParams(new Uint8Array(0x21f))).toBeNull());
});

describe('the boot loader', () => {
  const nothing = {
    loaderInfo: undefined,
    stubInfo: undefined,
    bootFile: undefined,
    commandLine: undefined,
    loaderType: undefined,
    uefi: true,
  };
  test.each([
    [
      'systemd-boot that started a unified image',
      { loaderInfo: 'systemd-boot 257', stubInfo: 'systemd-stub 257' },
      'systemd-boot',
    ],
    [
      'a unified image that firmware started',
      { stubInfo: 'systemd-stub 257', bootFile: '\\EFI\\Linux\\arch.efi' },
      'uki',
    ],
    ['shim, which starts GRUB', { bootFile: '\\EFI\\ubuntu\\shimx64.efi' }, 'grub'],
    ['rEFInd', { bootFile: '\\EFI\\refind\\refind_x64.efi' }, 'refind'],
    ['Limine', { bootFile: '\\EFI\\limine\\BOOTX64.EFI' }, 'limine'],
    [
      'a kernel as its own loader',
      { bootFile: '\\vmlinuz-linux', commandLine: 'initrd=\\initramfs-linux.img' },
      'efi-stub',
    ],
    [
      'GRUB behind the name that could be anyone',
      { bootFile: '\\EFI\\BOOT\\BOOTX64.EFI', commandLine: 'BOOT_IMAGE=(hd0,gpt2)/vmlinuz' },
      'grub',
    ],
    ['syslinux by its type', { uefi: false, commandLine: 'BOOT_IMAGE=vmlinuz', loaderType: 0x31 }, 'syslinux'],
    ['kexec, before every variable of an older start', { loaderInfo: 'systemd-boot 257', loaderType: 0xd0 }, 'other'],
  ])('is told: %s', (_, evidence, loader) => {
    expect(readBootLoader({ ...nothing, ...evidence })?.loader).toBe(loader);
  });
  test('is unknown when nothing speaks', () => {
    expect(
      readBootLoader({
        ...nothing,
        bootFile: '\\EFI\\BOOT\\BOOTX64.EFI',
        commandLine: 'root=/dev/sda1',
        loaderType: 0x21,
      }),
    ).toBeNull();
  });
});

describe('lists, switches and lines of the kernel', () => {
  test.each([
    ['0-3,8,10-11\n', [0, 1, 2, 3, 8, 10, 11]],
    ['\n', []],
    ['0-', null],
    ['0-99999999', null],
    ['0-999999', null],
    ['3-1', []],
  ])('the processors %j are %j', (text, cpus) => expect(readCpuList(text)).toEqual(cpus));

  test.each([
    ['-1\n', -1],
    ['0x10de', 4318],
    ['', null],
    ['12abc', null],
    ['99999999999999999999', null],
  ])('the number %j is %j', (text, value) => expect(readInteger(text)).toBe(value));

  test('a switch is on, off or not told', () =>
    expect(['1', 'Y\n', '0', 'N', '(null)', ''].map(readSwitch)).toEqual([true, true, false, false, null, null]));
  test('the chosen word stands in brackets', () =>
    expect([readChosen('none [integrity] confidentiality'), readChosen('none')]).toEqual(['integrity', null]));

  test('remapped interrupts are known by their chip, not by a name that holds IR-', () => {
    expect(readInterruptRemapping('  24:   0  0   IR-PCI-MSIX-0000:01:00.0  0-edge  nvme0q0\n')).toBe(true);
    expect(readInterruptRemapping('  24:   0  0   PCI-MSI 524288-edge  IR-sensor\n')).toBe(false);
  });

  test('the last mount on a path is the one that is seen, and octal escapes are undone', () => {
    const mounts = readMounts(
      '1 0 8:1 / /boot rw - ext4 /dev/a rw\n2 0 8:2 / /boot ro,x shared:1 - vfat /dev/b rw\n3 0 8:3 / /a\\040b rw - ext4 /dev/c ro\ntorn\n',
    );
    expect(mounts.get('/boot')).toEqual({ path: '/boot', kind: 'vfat', source: '/dev/b', readOnly: true });
    expect(mounts.get('/a b')?.readOnly).toBe(true);
  });

  test('memory is bytes, with and without a node before it', () => {
    expect(readMemory('MemTotal: 10 kB\nHugePages_Total:   4\n').get('MemTotal')).toBe(10240);
    expect(readMemory('Node 1 MemFree:   3 kB\n').get('MemFree')).toBe(3072);
  });

  test('an option that is not set is n, and one that is not mentioned is not there', () => {
    expect(readKernelConfig('# CONFIG_IOMMUFD is not set\nCONFIG_VFIO=m\nCONFIG_VFIO_PCI_OTHER=y\n')).toEqual({
      CONFIG_IOMMUFD: 'n',
      CONFIG_VFIO: 'm',
    });
  });

  test('log lines lose their time and keep their words', () => {
    expect(
      readKernelLog(
        '[    0.1] nothing\n[    1.234567] DMAR: IOMMU enabled\n<6>[ 2.0] AMD-Vi: Interrupt remapping enabled\n',
      ),
    ).toEqual(['DMAR: IOMMU enabled', 'AMD-Vi: Interrupt remapping enabled']);
  });

  test('reserved regions keep their kind', () => {
    expect(readReserved('0x00000000000c0000 0x00000000000dffff direct-relaxable\nx\n')).toEqual([
      { start: '0x00000000000c0000', end: '0x00000000000dffff', kind: 'direct-relaxable' },
    ]);
  });

  test('os-release loses its quotes and nothing is expanded', () => {
    expect([...readOsRelease('ID=debian\nPRETTY_NAME="A $(x) \\"b\\""\nNAME=\'c d\'\n#ID=no\n')]).toEqual([
      ['ID', 'debian'],
      ['PRETTY_NAME', 'A $(x) "b"'],
      ['NAME', 'c d'],
    ]);
  });

  test.each([
    ['Microsoft Corporation', 'Virtual Machine', 'microsoft'],
    ['Microsoft Corporation', 'Surface Pro', null],
    ['Google', 'Google Compute Engine', 'google'],
    ['Google', 'Kled', null],
    ['innotek GmbH', 'VirtualBox', 'oracle'],
    ['Amazon EC2', 'm5.metal', null],
    ['ASUSTeK', 'PRIME', null],
  ])('%s / %s is %s', (vendor, product, name) => expect(hypervisorOf(vendor, product)).toBe(name));

  test('an EFI variable is four bytes of attributes and a value', () => {
    expect(readVariable(new Uint8Array([7, 0, 0]))).toBeNull();
    expect(readNumber(new Uint8Array([0x08, 0x01]))).toBe(264n);
    expect(readWideText(new Uint8Array([0x47, 0, 0x1b, 0, 0x52, 0, 0, 0, 0x58, 0]))).toBe('G R');
  });
});

test('whatever a file holds, no reader throws, and names come out clean and short', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc.string({ unit: 'grapheme', maxLength: 600 }),
    fc
      .array(
        fc.constantFrom(
          '0x0000000000000010 ',
          '\n',
          'PCI_ID=',
          '=',
          '-',
          ',',
          '[',
          ']',
          '10de  ',
          '\t',
          'BOOT_IMAGE=',
          'alias pci:v0000',
          '*',
          '"',
        ),
        { maxLength: 60 },
      )
      .map((parts) => parts.join('')),
  );
  const readers: readonly ((text: string) => unknown)[] = [
    readBars,
    readResizeSizes,
    readPciUevent,
    readCpuInfo,
    readMemory,
    readMounts,
    readOsRelease,
    readKernelConfig,
    readKernelLog,
    readReserved,
    readInterruptRemapping,
    readCpuList,
    readInteger,
    readSwitch,
    readChosen,
  ];
  fc.assert(
    fc.property(anything, fc.uint8Array({ maxLength: 1200 }), (text, bytes) => {
      for (const read of readers) read(text);
      for (const bar of readBars(text)) pciBar.parse(bar);
      readModuleAliases(text)('pci:v000010DEd00002206sv00000000sd00000000bc03sc00i00');
      readPciNames(text, new Map([['10de', new Set(['2206'])]]));
      readBootParams(bytes);
      readLoadOption(bytes);
      readNumber(bytes);
      const name = readName(text, 40);
      expect(name.length).toBeLessThanOrEqual(40);
      // eslint-disable-next-line no-control-regex
      expect(name).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/);
      expect(readName(name, 40)).toBe(name);
    }),
    { numRuns: 500 },
  );
});
