// SPDX-License-Identifier: GPL-3.0-or-later
import { noteNoGroups } from './group-lines';
import type { PastedLine } from './pasted-lines';
import { endListing, type Sheet } from './sheet';

const programs =
  'lspci|dmesg|cat|journalctl|find|ls|for|uname|lscpu|hostnamectl|inxi|grep|egrep|shopt|bash|sh|dmidecode|tree|lsb_release|systemd-detect-virt|exit|clear|head|tail|readlink';
const echo = new RegExp(
  `^(?:➜ \\S{1,64} (?:git:\\(\\S{1,64}\\) )?(?:✗ )?|(?:\\S.{0,80}?)?[$#%❯»➜>] ?)((?:sudo |doas )?(?:${programs})\\b.*)$`,
);
const bareEcho = new RegExp(
  `^((?:sudo |doas )?(?:lspci(?: -[a-zA-Z]| ?[|>]|$)|dmesg(?: [-|>]|$)|cat /|journalctl -|find /|ls (?:-\\S+ )?/|uname -|lscpu$|hostnamectl$|systemd-detect-virt$|lsb_release -|dmidecode|(?:/usr)?/s?bin/lspci).*)$`,
);
const emptyPrompt =
  /^[\w.-]{1,32}@[\w.-]{1,64}[ :][^$#%]{0,80}[$#%]$|^\[[\w.-]{1,32}@[\w.-]{1,64} [^\]]{0,64}\][$#]$|^[$#❯➜]$|^➜ [~\w./-]{1,64}$/;
const script = /^(?:#!|shopt |for \w+ in |do$|done\b|fi$|if \[|then$|else$|while |echo |printf |n=\$|[a-z_]{1,16}=\$)/;
const cutMark =
  /^(?:\[ ?(?:\.\.\.|…|snip|cut|truncated) ?\]|\(?(?:\.\.\.|…)\)?|<snip>|--+ ?(?:snip|8<) ?--+|\.{3,}|-- More --|:$)$/i;
const fence = /^(?:`{3,}|~{3,})|^\[\/?code[^\]]{0,32}\]$|^<\/?(?:pre|code)>$/i;
const heading = /^#{2,6} \S/;
const title = /^(?:# \S|={3,}|-{3,}|\*{3,})/;

/** Takes the lines that are no data: blank lines, prompts with commands, scripts, fences, titles, cut marks. */
export function readNoise(line: PastedLine, sheet: Sheet): boolean {
  const { text } = line;
  if (text === '') return readBlank(sheet);
  if (fence.test(text) || emptyPrompt.test(text)) return readEnd(line, sheet);
  if (cutMark.test(text)) return readCut(sheet);
  if (heading.test(text)) return readEnd(line, sheet);
  const command = (echo.exec(text) ?? bareEcho.exec(text))?.[1];
  if (command !== undefined) {
    readEnd(line, sheet);
    readCommand(line, command, sheet);
    return true;
  }
  if (script.test(text)) return true;
  return title.test(text) ? readEnd(line, sheet) : false;
}

/** A blank line ends the entries of a heading that are not indented: what follows may be another listing. */
function readBlank(sheet: Sheet): true {
  if (sheet.group?.indented === false) sheet.group = null;
  return true;
}

function readEnd(line: PastedLine, sheet: Sheet): true {
  answerEmpty(line, sheet);
  endListing(sheet);
  return true;
}

function readCut(sheet: Sheet): true {
  if (sheet.lastKind === 'groups') sheet.groupsCut = true;
  if (sheet.block === null) sheet.cutNext = true;
  else sheet.block.cut = true;
  if (sheet.log.from !== null) sheet.log.cut = true;
  sheet.current = null;
  return true;
}

const filters = /\| ?(?:sudo )?(?:[ef]?grep|rg|head|tail|awk|sed|less|more)\b|lspci\b.{0,64} -[a-z]*[sd]\b/;

function readCommand(line: PastedLine, text: string, sheet: Sheet): void {
  sheet.command = { text, line: line.number, answered: false };
  // A loop over groups asks lspci for one function at a time; that is no filter.
  if (!filters.test(text) || /iommu_group|\$\{|\$\(/.test(text)) return;
  if (/lspci/.test(text)) sheet.cutNext = true;
  if (/dmesg|journalctl/.test(text)) sheet.log.cut = true;
}

/** Called when a command's output is over: one that listed groups and printed nothing says that there are none. */
function answerEmpty(line: PastedLine, sheet: Sheet): void {
  const command = sheet.command;
  if (command === null || command.answered) return;
  if (/^(?:sudo |doas )?(?:ls|find|tree)\b.*\/sys\/kernel\/iommu_groups/.test(command.text)) noteNoGroups(sheet, line);
  sheet.command = { ...command, answered: true };
}

/** `find /sys/kernel/iommu_groups | wc -l` and its `0`. */
export function readCount(line: PastedLine, sheet: Sheet): boolean {
  const command = sheet.command;
  if (command === null || command.answered || !/^(?:total )?0$/.test(line.text) || !/iommu_groups/.test(command.text))
    return false;
  noteNoGroups(sheet, line);
  return true;
}
