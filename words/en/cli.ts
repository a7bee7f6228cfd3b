// SPDX-License-Identifier: GPL-3.0-or-later
export const cli = {
  'cli.usage': `Switchyard - hands a graphics card to a virtual machine and back

Usage: switchyard COMMAND [OPTIONS]

Look (needs no password, changes nothing)
  scan                     what this machine has, as Switchyard sees it
  assess                   judge this machine: can a card be given away, and how
  assess --machine FILE    judge a recorded machine (JSON)
  assess --text FILE       judge pasted text: lspci, IOMMU groups, dmesg ("-" reads standard input)
  vm ...                   draw a VM for this machine: modes, layout, recipe, XML, discs

Practise and remember
  rehearse MACHINE         walk the whole change on a machine of memory
  history [--all]          what Switchyard did on this machine, or on every one
  compare POINT [POINT]    what differs between two restore points, or a point and now
  check                    does what was kept still hold

Change this machine (asks for an administrator's password; also over ssh)
  plan WISH                what would be done, phase by phase; changes nothing
  apply WISH [--yes]       show it, ask, and do it; Ctrl-C puts everything back
  undo [CHANGE] [--yes]    put back what a change made
                           WISH: dedicate CARD, release CARD, enable-iommu, on-demand CARD,
                           single-card CARD,
                           move-now CARD vfio-pci|host, huge-pages COUNT, vm-host NEED...

Answer a trial start
  status                   what waits for an answer, and what its checks found
  keep                     keep what was tried (asks for an administrator's password)
  go-back                  end the trial; every start is the old one again
  card [NAME]              the way back on one line, to photograph or print

Move a card to its VM and back
  hand-off VM [--yes]      start the VM; its card moves, phase by phase; asks before a desktop ends
  take-back VM             shut the VM down in order and take its card back (--wait SECONDS, --force)
  status --watch           every card that moves, as it moves

Go back (asks for an administrator's password)
  point --reason WORDS     take a restore point; changes nothing
  restore POINT [--yes]    show the way back to a restore point, and go it

Options
  --json                   print one JSON object (docs/json.md describes it)
  --lang en|zh             language of the words; otherwise from the environment
  --why                    with assess: show the evidence behind each finding
  --help, --version

Exit codes: 0 answered, 64 wrong usage, 65 input not understood, 66 nothing to read or to answer,
69 the helper is missing, 70 a bug or an undo that is incomplete, 77 refused`,
  'apply.usage': 'Use: switchyard plan|apply WISH [--yes] [--json], where WISH is one of: dedicate CARD [--lose-only-screen] [--card CARD]; release CARD; on-demand CARD; single-card CARD [--restart-when-stuck]; move-now CARD vfio-pci|host; enable-iommu; huge-pages COUNT [--size 2M|1G] [--now]; vm-host account|network|cards|session|evdev|looking-glass ... CARD is an address of "switchyard assess", like 01:00.0',
  'apply.nothing': 'The computer already is as wished for. Nothing to do.',
  'apply.no-card': 'There is no graphics card at that address. "switchyard assess" names them.',
  'apply.more-lines': '({count} more lines; --json has them all)',
  'apply.hidden': '{path}: you may not read this file; the administrator’s helper changes only our own lines of it.',
  'apply.ask': 'Do this? [y/N]',
  'apply.ask-dark': 'The screen may stay dark after the next start; the ways back are listed above. Do this? [y/N]',
  'apply.ask-desktop': 'Each start of its virtual machine will end the desktop; what brings it back is listed above. Do this? [y/N]',
  'apply.type-card': 'No screen will be left and no ssh server answers. To go on, type the address of the card ({card}):',
  'apply.not-typed': 'That was not the address of the card. Nothing was changed. Without a terminal: --card {card} --yes',
  'apply.say-yes': 'Nothing was changed: there is nobody at a terminal to ask. Run it again with --yes to do this.',
  'apply.not-done': 'Nothing was changed.',
  'apply.progress.changing': '[{index}/{count}] {title}',
  'apply.progress.verified': '[{index}/{count}] done, and looked at again',
  'apply.progress.undone': '[{index}/{count}] put back: {title}',
  'apply.progress.left': '[{index}/{count}] could not be put back: {title}',
  'apply.stopping': 'Stopping: the step in hand is finished, then everything is put back.',
  'apply.left': 'Not put back: {steps}',
  'apply.done': 'Done. "switchyard undo" takes it back.',
  'apply.done-restart': 'Done. It is true of what runs from the next start on. "switchyard undo" takes it back.',
  'apply.done-trial': 'Prepared. The usual start is as it was; the next start tries the change once.',
  'apply.trial-goes-on': 'Restart when it suits you: systemctl reboot. Then log in again and see what the checks found with "switchyard status". "switchyard keep" makes it stay; "switchyard go-back", or no answer and one more restart, brings the old start back.',
  'undo.usage': 'Use: switchyard undo [CHANGE] [--yes] [--json], where CHANGE is an id of "switchyard history"',
  'undo.none': 'There is no change to put back.',
  'undo.title': 'Change {transaction} ({intent}) of {when} is put back:',
  'undo.done': 'Put back: everything is as it was before the change.',
  'undo.done-restart': 'Put back. Restart the computer: what runs now was started before.',
  'undo.script': 'From a text console, as root:',
  'cli.unknown-command': 'There is no command "{name}". "switchyard --help" lists them.',
  'cli.bad-option': 'The options do not fit: {why}. "switchyard --help" lists them.',
  'cli.one-source': 'Give either --machine or --text, not both.',
  'cli.cannot-read': 'The file {file} cannot be read ({why}). Check the name and its permissions.',
  'cli.too-large': 'The file {file} is larger than {limit} MiB. Give only the output of lspci, the IOMMU groups and the kernel log.',
  'cli.expected': 'At {place}, {wanted} was expected.',
  'cli.paste': 'Paste the output of "{command}".',
  'cli.language': 'The language must be "en" or "zh".',
  'cli.bug': 'Switchyard has a bug here ({name}). Nothing was changed. Please report it with the output of "switchyard scan --json".',

  'cli.start-fetching': 'Fetching the window (Electron) once; this may take a minute and a half.',
  'cli.start-root': 'Switchyard runs as root, so it opens no window of its own: the same pages are served to a browser.',
  'cli.start-no-display': 'There is no display here: the same pages are served to a browser.',
  'cli.start-no-electron': 'Electron could not be fetched, so the same window opens in your browser.',
  'cli.start-electron-ended': 'Electron ended at once (code {code}), so the same window opens in your browser.',

  'cli.title-assess': 'This machine, judged',
  'cli.title-assess-other': 'A recorded machine, judged',
  'cli.title-assess-text': 'Pasted text, judged',
  'cli.title-scan': 'This machine, as Switchyard sees it',
  'cli.looked-only': 'Switchyard only looked. Nothing was changed.',
  'cli.next': 'Do this next',
  'cli.why': 'Why',
  'cli.checks': 'Checks',
  'cli.cards': 'Graphics cards',
  'cli.no-cards': 'No graphics card was found.',
  'cli.ways': 'Ways',
  'cli.moves': 'Moves along',
  'cli.stays': 'Stays with this computer',
  'cli.blocks': 'Stands in the way',
  'cli.group': 'IOMMU group',
  'cli.no-group': 'none seen',
  'cli.missing': 'Not in the input',
  'cli.missing-line': '{what}: paste the output of "{command}"',
  'cli.missing-bare': '{what}',
  'cli.nothing': 'nothing',
  'cli.weight-good': 'Ready',
  'cli.weight-note': 'Worth knowing',
  'cli.weight-warn': 'Careful',
  'cli.weight-stop': 'Stops here',
  'cli.possible-yes': 'yes',
  'cli.possible-conditional': 'yes, but',
  'cli.possible-no': 'no',
  'cli.possible-unknown': 'cannot be told',
  'cli.way-dedicated': 'Dedicated',
  'cli.way-on-demand': 'On demand',
  'cli.way-single-card': 'Single card',
  'cli.way-mdev': 'Mediated device (vGPU)',
  'cli.way-sriov': 'SR-IOV virtual function',
  'cli.way-virtio-gpu': 'virtio-gpu',
  'cli.way-emulated': 'Emulated VGA',

  'cli.unknown': 'unknown',
  'cli.yes': 'yes',
  'cli.no': 'no',
  'cli.machine': 'Machine',
  'cli.product': 'Product',
  'cli.board': 'Board',
  'cli.chassis': 'Form',
  'cli.virtualised': 'Runs inside',
  'cli.firmware': 'Firmware',
  'cli.firmware-line': '{mode}, Secure Boot {secure}, lockdown {lockdown}',
  'cli.processor': 'Processor',
  'cli.processor-line': '{model} ({packages, plural, one {# package} other {# packages}}, {cores, plural, one {# core} other {# cores}}, {threads, plural, one {# thread} other {# threads}})',
  'cli.memory': 'Memory',
  'cli.memory-line': '{total} GiB in {nodes, plural, one {# NUMA node} other {# NUMA nodes}}',
  'cli.system': 'System',
  'cli.kernel': 'Kernel',
  'cli.arguments': 'Kernel arguments',
  'cli.loader': 'Boot loader',
  'cli.generator': 'Initramfs',
  'cli.iommu': 'IOMMU',
  'cli.iommu-on': '{units}, {groups, plural, one {# group} other {# groups}}, interrupt remapping {remapping}',
  'cli.iommu-none': 'no IOMMU groups',
  'cli.devices': 'PCI functions',
  'cli.display': 'Display',
  'cli.display-line': 'boot display {boot}, session {session}, manager {manager}',
  'cli.tools': 'Virtualisation',
  'cli.tools-line': 'kvm device opens: {kvm}; libvirt {libvirt}; QEMU {qemu}; OVMF {ovmf}; swtpm {swtpm}',
  'cli.absent': 'not found',
  'cli.ungrouped': 'Without a group',
} as const;
