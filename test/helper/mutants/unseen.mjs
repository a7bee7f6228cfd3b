// SPDX-License-Identifier: GPL-3.0-or-later
// Breakages that no walk on a machine of memory can notice, by name, and why. Each has a spec that does.
const realFiles = 'a matter of the real file system, which files.test.ts tries as root in a tree of its own';
const nobodyWaits = 'a walk on a machine of memory runs the self check and counts nothing down; watch.test.ts holds the clock';
export const unseen = {
  'a VM that runs is written to': 'no walk starts the VM; vm-state.test.ts does, and so does a real libvirt in vm-state.real.test.ts',
  'a second name of another file is taken for a VM’s': realFiles,
  'identity is not compared': 'a file replaced by one that is equal in bytes, owner and mode has lost nothing that is judged',
  'a torn journal is written behind': 'the next line is read back, found not to stand alone, and cut off together with what it stands behind',
  'a torn journal is unreadable': 'a power cut of memory leaves the beginning of a line, never its length without its words; journal.test.ts does',
  'a bad line is skipped': 'a line is read back as it is written, so that none but the last is ever bad; journal.test.ts makes one',
  'the old owner is lost': 'cp keeps the owner of every file but those of VMs, whose owner is that of their folder on every machine of memory',
  'a leftover stays': 'the undo that follows takes leftovers away, and so does the next replacement; files.test.ts looks before either',
  'a folder may be a link': realFiles,
  'a file may be a link': realFiles,
  'whose folder it is does not matter': realFiles,
  'who may write there does not matter': realFiles,
  'every path is a place': realFiles,
  'umask takes rights away': realFiles,
  'labels are not read back': 'no recorded machine has labels, and cp loses none in memory',
  'whatever stands at an address is the chosen device': 'nobody opens the case in a walk: hardware stays what it is',
  'a trial start: one that failed passes': nobodyWaits,
  'a trial start: one that failed is never over': nobodyWaits,
  'a trial start: the one-shot that the loader kept stays': 'the loader of memory forgets its one-shot wherever a trial may be prepared at all',
  'a trial start: the clock runs on while somebody answers': nobodyWaits,
  'a trial start: what the person had is not compared': nobodyWaits,
};
