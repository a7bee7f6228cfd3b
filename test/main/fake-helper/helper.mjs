#!/usr/bin/env node
// Speaks the helper's wire, well or badly, as FAKE_HELPER says; `FAKE_HELPER_HEARD` gets what came in.
import { appendFileSync } from 'node:fs';

const say = (line) => process.stdout.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
const hello = { kind: 'hello', protocol: 1, version: '0.1.0' };
const done = { kind: 'end', ok: true, outcome: { transaction: '0123456789abcdef', state: 'waiting-for-restart', restart: true, regenerate: [] }, places: [] };
const progress = (stepId, phase) => ({ kind: 'progress', stepId, phase, index: 0, count: 1 });
let heard = '';
let onText = () => undefined;
process.stdin.on('data', (part) => {
  heard += part;
  onText();
});
const firstLine = () => new Promise((resolve) => (onText = () => heard.includes('\n') && resolve()));
const rest = () => heard.slice(heard.indexOf('\n') + 1);
const stopped = () =>
  new Promise((resolve) => {
    onText = () => rest() !== '' && resolve('word');
    process.stdin.on('end', () => resolve('pipe'));
    onText();
  });
process.on('exit', () => appendFileSync(process.env.FAKE_HELPER_HEARD, JSON.stringify({ words: process.argv.slice(2), heard })));

const manners = {
  async good() {
    say(hello);
    await firstLine();
    say(progress(null, 'checking'));
    say(progress('kernel-args', 'changing'));
    say(done);
  },
  async slow() {
    say(hello);
    await firstLine();
    say(progress('kernel-args', 'changing'));
    await stopped();
    say(progress('kernel-args', 'undone'));
    say({ kind: 'end', ok: false, problem: { code: 'cancelled', detail: {} } });
  },
  refused: () => say({ kind: 'end', ok: false, problem: { code: 'refused', detail: { why: 'caller' } } }),
  stale() {
    say(hello);
    say({ kind: 'end', ok: false, problem: { code: 'plan-stale', stepId: 'x', detail: { what: 'grub-default' } } });
  },
  version: () => say({ ...hello, version: '9.9.9' }),
  protocol: () => say({ ...hello, protocol: 2 }),
  garbage: () => say('this is no JSON'),
  shape: () => say({ ...hello, extra: 1 }),
  early: () => say(progress('x', 'changing')),
  twice() {
    say(hello);
    say(hello);
  },
  late() {
    say(hello);
    say('[]');
  },
  long() {
    say(hello);
    say('x'.repeat(300_000));
  },
  endless() {
    say(hello);
    const more = () => process.stdout.write('x'.repeat(65_536), more);
    process.stdout.on('error', () => process.exit(0));
    more();
  },
  noend: () => say(hello),
  crash() {
    say(hello);
    process.exit(1);
  },
  async silence() {
    say(hello);
    await stopped();
  },
  dismissed: () => process.exit(126),
  notallowed: () => process.exit(127),
  usage: () => process.exit(64),
  async question() {
    await stopped();
    setInterval(() => undefined, 1000);
  },
};
await manners[process.env.FAKE_HELPER]();
if (process.env.FAKE_HELPER !== 'question' && process.env.FAKE_HELPER !== 'endless') process.exit(0);
