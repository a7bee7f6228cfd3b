// SPDX-License-Identifier: GPL-3.0-or-later
// Deliberate breakages: `find` stands exactly once in `file`; each must turn one of `specs` red (`only`: a part of a test's name).
const engine = ['engine.test.ts'];
const files = ['files.test.ts'];
const crash = ['crash.test.ts'];

export const mutants = [
  { name: 'a throw jumps over undo', file: 'helper/engine.ts', find: "return failed('step-failed', { why: error instanceof Error ? error.name : 'thrown' }, stepId);", put: 'throw error;', specs: engine },
  { name: 'a failed step is forgotten', file: 'helper/engine.ts', find: 'const performed = await world.perform(each);', put: 'begun.pop(); const performed = await world.perform(each); if (performed.ok) begun.push(each);', specs: engine },
  { name: 'undone oldest first', file: 'helper/engine.ts', find: 'for (const { step, saved } of [...begun].reverse()) {', put: 'for (const { step, saved } of [...begun]) {', specs: engine },
  { name: 'the first place that sticks ends the undo', file: 'helper/engine.ts', find: 'if (!back.ok) stuck.set(item.path, whyOf(back.problem));', put: 'if (!back.ok) { stuck.set(item.path, whyOf(back.problem)); break; }', specs: engine },
  { name: 'a journal line that failed is shrugged off', file: 'helper/engine.ts', find: 'if (!noted.ok) return noted;\n    const each', put: 'const each', specs: engine },
  { name: 'what performing said is believed', file: 'helper/engine.ts', find: 'const verified = await world.verify(each);', put: "const verified: Result<readonly Standing[]> = ok([]);", specs: engine },
  { name: 'stop is not heard', file: 'helper/engine.ts', find: "(await stopped(world)) ? failed('cancelled') : await attempt(world, step, begun)", put: 'await attempt(world, step, begun)', specs: engine },
  { name: 'stop in the last step is not heard', file: 'helper/engine.ts', find: "return (await stopped(world)) ? undoAfter(world, begun, { code: 'cancelled', detail: {} }) : ok(undefined);", put: 'return ok(undefined);', specs: engine },
  { name: 'what is left is not named', file: 'helper/engine.ts', find: 'left.push(step.id);', put: '', specs: engine },
  { name: 'a step shares a place with one that could not be told', file: 'helper/engine.ts', find: "for (const file of saved) stuck.set(file.path, why ?? 'journal');", put: '', specs: crash, only: 'while undo works.*fails', every: true },
  { name: 'journal lines are not flushed', file: 'helper/journal.ts', find: 'const flushed = written.ok ? hands.flush(handle) : written;', put: 'const flushed = written;', specs: crash, only: 'while apply works.*power', every: true },
  { name: 'journal lines are not read back', file: 'helper/journal.ts', find: "const there = flushed.ok ? endsWith(hands, { path, size, line }) : flushed;", put: 'const there = flushed;', specs: crash, only: 'while keep works.*lies', every: true },
  { name: 'half a journal line stays', file: 'helper/journal.ts', find: 'hands.truncate(path, size);\n      }', put: '}', specs: ['journal.test.ts'] },
  { name: 'a torn journal is written behind', file: 'helper/journal.ts', find: 'if (before.value.torn) {', put: 'if (before.value.torn && path === "") {', specs: ['journal.test.ts'] },
  { name: 'a torn journal is unreadable', file: 'helper/journal.ts', find: 'end === bytes.length - 1 ?', put: 'end === -2 ?', specs: ['journal.test.ts'] },
  { name: 'a bad line is skipped', file: 'helper/journal.ts', find: "failed('unreadable', { what: 'journal' });", put: 'ok({ records, size, torn: true });', specs: ['journal.test.ts'] },
  { name: 'the new file is not flushed', file: 'helper/replace-file.ts', find: 'const flushed = kept.ok ? hands.flush(created.value) : kept;', put: 'const flushed = kept;', specs: crash, only: 'while undo works.*power', every: true },
  { name: 'what was written is not read back', file: 'helper/replace-file.ts', find: "if (seen.value?.sha256 !== wanted.value) return", put: 'if (seen.value === null) return', specs: crash, only: 'while keep works.*lies', every: true },
  { name: "somebody's edit is overwritten", file: 'helper/replace-file.ts', find: 'return sameFile(now.value, expected) ? ok(undefined) :', put: 'return now.ok ? ok(undefined) :', specs: files },
  { name: 'identity is not compared', file: 'helper/replace-file.ts', find: 'a.identity === b.identity && sameState(a, b)', put: 'sameState(a, b)', specs: files },
  { name: 'the old owner is lost', file: 'helper/replace-file.ts', find: 'hands.own(handle, expected ?? owner)', put: 'hands.own(handle, owner)', specs: files },
  { name: 'a leftover stays', file: 'helper/replace-file.ts', find: 'if (!moved.ok) discard(hands, temporary);', put: '', specs: files },
  { name: 'old blocks do not outlive the file', file: 'helper/replace-file.ts', find: 'const aside = expected !== null && isReadByLoader(path) ? setAside(hands, path) : ok(undefined);\n  if (!aside.ok) return aside;\n  const renamed', put: 'const renamed', specs: crash, only: 'while undo works.*power', every: true },
  { name: 'a folder may be a link', file: 'helper/walk.ts', find: 'constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;', put: 'constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK;', specs: files },
  { name: 'a file may be a link', file: 'helper/walk.ts', find: "if (stat.isSymbolicLink()) return 'link';", put: 'if (stat.isSymbolicLink()) return null;', specs: files },
  { name: 'whose folder it is does not matter', file: 'helper/walk.ts', find: "if (stat.uid !== 0) return 'owner';", put: '', specs: files },
  { name: 'who may write there does not matter', file: 'helper/walk.ts', find: "return (stat.mode & 0o022) === 0 ? null : 'writable';", put: 'return null;', specs: files },
  { name: 'every path is a place', file: 'helper/files.ts', find: 'reach.mayWrite(path) ? at(path, work)', put: 'path !== "" ? at(path, work)', specs: files },
  { name: 'umask takes rights away', file: 'helper/files.ts', find: 'fchmodSync(file, mode);\n      opened.set', put: 'opened.set', specs: files },
  { name: 'nothing tells the next start of an undo', file: 'helper/undo.ts', find: 'const marked = await setWaiting(desk.hands, transaction.id);', put: 'const marked = { ok: true };', specs: crash, only: 'while undo works.*killed' },
  { name: 'a trial nobody answers stays', file: 'helper/recover.ts', find: 'return undoOpen(desk, transaction);', put: "return ok(at(transaction.id, 'trial-running'));", specs: crash, only: 'while apply works.*fails' },
  { name: 'a damaged copy is put back', file: 'helper/perform/put-back.ts', find: "if (copy.value?.sha256 !== item.was.sha256) return failed('unreadable', { why: 'copy-damaged', place: item.path });", put: '', specs: ['undo.test.ts'] },
  { name: "somebody's later edit is taken back too", file: 'helper/perform/put-back.ts', find: "return failed('precondition-failed', { why: 'changed', place: item.path });", put: 'return restore(bench, item, now);', specs: ['undo.test.ts'] },
  { name: 'another plan than the approved one is done', file: 'helper/apply.ts', find: "if (hashOf(plan.value) !== approved) return failed('plan-stale');", put: '', specs: ['undo.test.ts'] },
  { name: 'keep asks for no trial', file: 'helper/keep.ts', find: "if (!waits || !isTrialOf(desk.hands, transaction.id)) return failed('precondition-failed', { why: 'no-trial' });", put: '', specs: ['undo.test.ts'] },
];
