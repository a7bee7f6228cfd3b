// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { hypervisor, takeArgs } from './kernel-log-facts';
import { readAddress } from './address';
import type { PastedLine } from './pasted-lines';
import { chassisWords, distribution, fields } from './system-fields';
import { functionAt, note, placeOf, type Sheet, type TextKind } from './sheet';

/** Reads a line about the system around the PCI functions: distribution, processor, kernel, machine, sysfs values. */
export function readSystemLine(line: PastedLine, sheet: Sheet): TextKind | null {
  return (
    readAnswer(line, sheet) ??
    readAssignment(line, sheet) ??
    readField(line, sheet) ??
    readSysfs(line, sheet) ??
    readInxi(line, sheet) ??
    readUname(line, sheet) ??
    readArgsLine(line, sheet)
  );
}

/** A line that is the whole answer of the command above it. */
function readAnswer(line: PastedLine, sheet: Sheet): TextKind | null {
  const command = sheet.command;
  if (command === null || command.answered || line.text === '') return null;
  const word = /^\S{1,128}$/.test(line.text);
  if (/\/proc\/cmdline/.test(command.text) && line.text.includes('=')) {
    takeArgs(sheet, line.text, placeOf('kernel-arguments', line));
    return 'kernel-arguments';
  }
  if (!word) return null;
  if (/systemd-detect-virt/.test(command.text)) {
    note(sheet.facts.machine.virtualised, hypervisor(line.text), placeOf('machine', line));
    return 'machine';
  }
  if (/uname -r$/.test(command.text) && /^\d+\.\d+/.test(line.text)) {
    note(sheet.facts.kernel.release, line.text, placeOf('kernel-arguments', line));
    return 'machine';
  }
  return null;
}

function readAssignment(line: PastedLine, sheet: Sheet): TextKind | null {
  const found =
    /^(NAME|PRETTY_NAME|ID|ID_LIKE|VERSION_ID|VERSION|VERSION_CODENAME|VARIANT_ID|BUILD_ID|[A-Z_]{3,24}_URL|ANSI_COLOR|LOGO|CPE_NAME|UBUNTU_CODENAME|DISTRIB_[A-Z]{2,12})=(.{0,256})$/.exec(
      line.text,
    );
  if (found?.[1] === undefined) return null;
  const value = (found[2] ?? '').replace(/^(["'])(.*)\1$/, '$2');
  if (found[1] === 'ID' && /^[a-z0-9._-]{1,64}$/.test(value)) distribution(sheet, line).id = value;
  if (found[1] === 'ID_LIKE')
    distribution(sheet, line).like = value
      .split(' ')
      .filter((id) => /^[a-z0-9._-]{1,64}$/.test(id))
      .slice(0, 16);
  if (found[1] === 'VERSION_ID') distribution(sheet, line).version = value.slice(0, 64);
  if (found[1] === 'PRETTY_NAME') distribution(sheet, line).name = value.slice(0, 128);
  else if (found[1] === 'NAME' && distribution(sheet, line).name === '')
    distribution(sheet, line).name = value.slice(0, 128);
  return 'distribution';
}

const field = /^([A-Za-z][A-Za-z0-9 ()_.-]{1,32}?) ?: (.{1,4000})$/;

function readField(line: PastedLine, sheet: Sheet): TextKind | null {
  const record = /^(Chassis|System|Base Board|BIOS|Processor) Information$/.exec(line.text);
  if (record?.[1] !== undefined) {
    sheet.record = record[1];
    return 'machine';
  }
  const found = field.exec(line.text);
  if (found?.[1] === undefined || found[2] === undefined) return null;
  const take = fields.get(found[1].toLowerCase());
  return take === undefined ? null : take({ line, sheet, value: found[2].slice(0, 512) });
}

type TextFact = (facts: HostFacts) => { value: string | null; from: string | null };
const dmiFiles: ReadonlyMap<string, TextFact> = new Map(
  Object.entries<TextFact>({
    sys_vendor: (facts) => facts.machine.vendor,
    product_name: (facts) => facts.machine.product,
    board_vendor: (facts) => facts.machine.boardVendor,
    board_name: (facts) => facts.machine.board,
    bios_version: (facts) => facts.machine.firmwareVersion,
  }),
);

/** Values of sysfs as `grep . FILES` prints them: `/sys/class/dmi/id/board_name:B450M`. */
function readSysfs(line: PastedLine, sheet: Sheet): TextKind | null {
  const dmi = /\/dmi\/id\/([a-z_]{3,24}): ?(.{1,256})$/.exec(line.text);
  if (dmi?.[1] !== undefined && dmi[2] !== undefined) {
    const choose = dmiFiles.get(dmi[1]);
    if (choose !== undefined) note(choose(sheet.facts), dmi[2], placeOf('sysfs', line));
    return 'sysfs';
  }
  const boot = /([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])\/boot_vga: ?([01])$/i.exec(line.text);
  const address = boot?.[1] === undefined ? null : readAddress(boot[1]);
  if (boot === null || address === null) return null;
  const notes = functionAt(sheet, address, placeOf('sysfs', line));
  notes.facts.bootVga ??= boot[2] === '1';
  notes.known.add('bootVga');
  return 'sysfs';
}

/** The machine line of inxi: `Type: Laptop System: LENOVO product: 20QV v: ThinkPad X1`. */
function readInxi(line: PastedLine, sheet: Sheet): TextKind | null {
  const found =
    /^(?:Machine: ?)?Type: ?(Laptop|Desktop|Server|Portable|Convertible|Detachable) (?:System|Mobo): (.{1,256})$/i.exec(
      line.text,
    );
  if (found?.[1] === undefined || found[2] === undefined) return null;
  const from = placeOf('machine', line);
  note(sheet.facts.machine.chassis, chassisWords.get(found[1].toLowerCase()) ?? 'other', from);
  const board = /^(.{1,64}?) (?:product|model): (.{1,64}?)(?: v: .*| serial: .*)?$/.exec(found[2]);
  if (board?.[1] !== undefined && board[2] !== undefined)
    note(sheet.facts.machine.board, `${board[1]} ${board[2]}`, from);
  return 'machine';
}

function readUname(line: PastedLine, sheet: Sheet): TextKind | null {
  const found = /^Linux \S{1,64} (\d+\.\d\S{1,120}) .{0,200}\b(x86_64|aarch64|riscv64|i686|ppc64le)\b/.exec(line.text);
  if (found?.[1] === undefined) return null;
  note(sheet.facts.kernel.release, found[1], placeOf('machine', line));
  note(sheet.facts.cpu.architecture, found[2] ?? '', placeOf('machine', line));
  return 'machine';
}

/** A kernel command line standing alone: it begins as only boot loaders begin one. */
function readArgsLine(line: PastedLine, sheet: Sheet): TextKind | null {
  if (/^GRUB_[A-Z_]{3,40}=/.test(line.text)) return 'kernel-arguments';
  if (
    !/^(?:BOOT_IMAGE=|initrd=|root=(?:UUID|PARTUUID|LABEL|PARTLABEL|ZFS|\/dev)|(?:amd|intel)_iommu=|iommu=)/.test(
      line.text,
    )
  )
    return null;
  takeArgs(sheet, line.text, placeOf('kernel-arguments', line));
  return 'kernel-arguments';
}
