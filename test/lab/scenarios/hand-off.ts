// SPDX-License-Identifier: GPL-3.0-or-later
import { handReport } from '../../../contract/hand-run';
import { sumsOf } from '../../../core/hand-off/report';
import { good, holds, same } from '../expect';
import type { Scenario } from '../scenario';
import { changed } from './apply';
import { standIns } from './cards';
import { atHome, awkwardOn, handStage, holdSound, stageOf, takeBackNow, timesOf, trouble, until, vmName } from './hand-off-stage';
import { handJournalPath } from '../../../helper/hand-off/journal';
import { hookTableFile } from '../../../core/step/own/files';
import { hookTablePath } from '../../../core/step/own/hook';
import { identityOf } from '../../../core/plan/device-set';
import { apartOn, defineVm } from '../guest-vm';

const roundTrip: Scenario = {
  name: 'a card on demand goes to its VM and comes back, whoever starts it, and the set-up is undone without a trace',
  on: 'intel-one-card',
  budget: 150,
  quick: true,
  play: async (lab, { say }) => {
    const host = await lab.boot('intel-one-card');
    const files = await host.digests();
    const stage = await handStage(host);
    holds(/^libvirtd \(enforce\)/m.test(await host.sh('cat /sys/kernel/security/apparmor/profiles')), 'libvirtd is confined');
    const before = await stage.portrait();

    const started = await stage.start();
    same([started.code, started.err], [0, ''], 'virsh starts it');
    holds(await stage.given(), 'every function is on vfio-pci');
    same((await host.sh(`virsh -q domstate ${vmName}`)).trim(), 'running', 'the VM runs');
    const open = await host.sh('for p in $(pidof qemu-system-x86_64); do ls -l /proc/$p/fd; done | grep -c vfio || true');
    holds(Number(open) >= stage.card.length, `QEMU has the card open: ${open}`);
    same((await stage.status()).end, 'given', 'everybody may read that it is given');
    say(timesOf(await stage.status()));
    await stage.stop();
    say(timesOf(await stage.status()));
    await atHome(stage, before);

    const asked = await host.guest.ssh(`switchyard hand-off ${vmName}`, { as: 'owner', limit: 400_000 });
    same([asked.code, asked.err], [0, ''], `our command starts it: ${asked.out}`);
    holds(await stage.given(), 'and the card goes along');
    // The guest is firmware only and never answers a polite request: the plug is pulled because it was asked for.
    const back = await host.guest.ssh(`switchyard take-back ${vmName} --wait 2 --force`, { as: 'owner', limit: 400_000 });
    same([back.code, back.err], [0, ''], `our command takes it back: ${back.out}`);
    await atHome(stage, before);

    // The same VM pinned to a thread that it wants for itself: nothing of the host but it runs there until it stops.
    const kept = (): Promise<string> => host.sh('cd /sys/fs/cgroup; for s in user.slice system.slice init.scope; do echo $s $(cat $s/cpuset.cpus 2> /dev/null); done');
    await host.sh(`virsh -q undefine ${vmName}; ${defineVm(vmName, stage.card, { managed: 'no', around: apartOn(1) })}`);
    const alone = stageOf(host, { ...stage, vm: (await host.sh(`virsh -q domuuid ${vmName}`)).trim() });
    const pinned = await alone.start();
    same([pinned.code, pinned.err], [0, ''], 'pinned it starts as well');
    same(await kept(), 'user.slice 0\nsystem.slice 0\ninit.scope 0\n', 'the host keeps to the other thread');
    say(timesOf(await alone.status()));
    await alone.stop();
    await atHome(alone, before);
    same(await kept(), 'user.slice 0-1\nsystem.slice 0-1\ninit.scope 0-1\n', 'and has all of them again');

    same(await stage.denied(), '', 'AppArmor denied libvirtd nothing');
    await host.sh(`virsh -q undefine ${vmName}`);
    good(await host.undo(stage.transaction), 'undo');
    // libvirt keeps the AppArmor profile it made for a VM when that is undefined.
    const ours = changed(files, await host.digests()).filter((file) => !file.startsWith('/etc/apparmor.d/libvirt/'));
    same(ours, [], 'every file of /etc and /boot is as before');
  },
};

const held: Scenario = {
  name: 'a program that has the card open is named and left alone, and once it is closed the VM starts',
  on: 'intel-one-card',
  budget: 90,
  quick: true,
  play: async (lab, { say }) => {
    const stage = await handStage(await lab.boot('intel-one-card'));
    const { host } = stage;
    const before = await stage.portrait();
    const pid = await holdSound(stage);
    const refused = await stage.start();
    say(refused.err.trim());
    holds(refused.code !== 0 && refused.err.includes('[refused/held]') && refused.err.includes(`(${pid})`), `whoever started it reads who holds the card: ${refused.err}`);
    same(await stage.portrait(), before, 'nothing was touched');
    same((await stage.status()).holders.map((one) => one.kind), ['program'], 'everybody may read what kind of holder it was');
    same((await host.sh(`kill -0 ${pid} && echo lives`)).trim(), 'lives', 'it was left alone');
    const told = await host.guest.ssh(`switchyard hand-off ${vmName}`, { as: 'owner', limit: 400_000 });
    holds(told.code !== 0 && told.out.includes('sleep'), `our command says it too: ${told.out}`);
    await host.sh(`kill ${pid}`);
    same((await stage.start()).code, 0, 'once it is closed the VM starts');
    holds(await stage.given(), 'with its card');
    await stage.stop();
    await atHome(stage, before);
  },
};

const waiting: Scenario = {
  name: 'a hook that waits too long for another change gives up, says so, and leaves the card alone',
  on: 'intel-one-card',
  budget: 120,
  play: async (lab, { say }) => {
    const stage = await handStage(await lab.boot('intel-one-card'));
    const { host } = stage;
    const before = await stage.portrait();
    await host.sh("setsid sh -c 'echo $$ > /tmp/holder; exec 9<> /run/switchyard.lock; flock 9; sleep 3600' > /dev/null 2>&1 < /dev/null & sleep 1");
    const began = performance.now();
    const refused = await stage.start();
    const took = (performance.now() - began) / 1000;
    say(`${refused.err.trim()} after ${Math.round(took)} s`);
    holds(refused.code !== 0 && refused.err.includes('[refused/busy]'), `it is said: ${refused.err}`);
    holds(took > 29, 'it was waited for the other one first');
    same(await stage.portrait(), before, 'nothing was touched');
    await host.sh('kill -- -$(cat /tmp/holder); sleep 1');
    same((await stage.start()).code, 0, 'then it starts');
    await stage.stop();
    await atHome(stage, before);
  },
};

const partly: Scenario = {
  name: 'a card whose group the host still uses is refused in the hook, and named',
  on: 'intel-one-card',
  budget: 90,
  play: async (lab, { say }) => {
    const host = await lab.boot('intel-one-card');
    const facts = await host.facts();
    const shared = standIns(facts).find((card) => (facts.iommu.groups.value?.find((one) => one.id === card[0]?.iommuGroup)?.members.length ?? 0) > card.length);
    const [gpu] = shared ?? [];
    if (shared === undefined || gpu === undefined) throw new Error('this guest has no card that shares its group');
    const stage = await handStage(host);
    // Our own plan refuses such a card; an administrator's hand, or a card that was moved to another slot, may still write this.
    await host.sh(`printf '%s' '${hookTableFile.print(shared.map(identityOf))}' > ${hookTablePath}; ${defineVm('half', shared, { managed: 'no' })}`);
    const bound = await host.sh(`readlink /sys/bus/pci/devices/${gpu.address}/driver`);
    const refused = await host.guest.ssh('virsh -q start half', { limit: 400_000 });
    say(refused.err.trim());
    holds(refused.code !== 0 && refused.err.includes('[refused/group]') && refused.err.includes('e1000'), `it names who is in the way: ${refused.err}`);
    same(await host.sh(`readlink /sys/bus/pci/devices/${gpu.address}/driver`), bound, 'the card keeps its driver');
    holds(stage.card.length > 0, 'the other card is still there');
  },
};

const awkward: Scenario = {
  name: 'a driver that is slow, comes back late or not at all is met, and the card is home as soon as the driver lets it',
  on: 'intel-one-card',
  budget: 240,
  play: async (lab, { say }) => {
    const stage = await handStage(await lab.boot('intel-one-card'));
    const { host } = stage;
    await awkwardOn(stage);
    const before = await stage.portrait();
    // References that no open file shows: an unbind by address does not wait for the module, so this must go through.
    await host.sh('echo 1 > /sys/module/awkward/parameters/hold');
    await trouble(host, 'slow');
    same((await stage.start()).code, 0, 'an unbind that takes three seconds is waited for');
    say(timesOf(await stage.status()));
    await trouble(host, 'late');
    await stage.stop();
    say(timesOf(await stage.status()));
    await atHome(stage, before);

    await trouble(host, 'none');
    same((await stage.start()).code, 0, 'and again');
    await trouble(host, 'refuse');
    await stage.stop();
    const { end } = await stage.status();
    same(end, 'adrift', 'a driver that does not take the card back is told as that');
    holds((await stage.portrait()).includes('switchyard-take-back.timer'), 'and the timer stays');
    await trouble(host, 'none');
    same((await takeBackNow(host)).code, 0, 'what the timer starts brings it home');
    await atHome(stage, before);
    await host.sh('echo 0 > /sys/module/awkward/parameters/hold');
  },
};

const hanging: Scenario = {
  name: 'a driver that hangs on unbind wedges neither libvirt nor us, is told, and is gone after a restart',
  on: 'intel-one-card',
  budget: 240,
  play: async (lab, { say }) => {
    const stage = await handStage(await lab.boot('intel-one-card'));
    const { host } = stage;
    const fresh = await stage.portrait();
    await awkwardOn(stage);
    await trouble(host, 'hang');
    const began = performance.now();
    const refused = await stage.start();
    say(`${refused.err.trim()} after ${Math.round((performance.now() - began) / 1000)} s`);
    holds(refused.code !== 0 && refused.err.includes('[stuck/stuck]'), `it is said: ${refused.err}`);
    same((await stage.status()).end, 'stuck', 'and everybody may read it');
    same((await host.sh(`virsh -q domstate ${vmName}`, { limit: 60_000 })).trim(), 'shut off', 'libvirt answers');
    holds((await host.facts()).pci.functions.length > 0, 'the machine can be looked at');
    const again = await stage.start();
    holds(again.code !== 0 && again.err.includes('[refused/stuck]'), `nothing more is tried in this start: ${again.err}`);
    await trouble(host, 'none');
    await host.restart();
    const after = stageOf(host, stage);
    same(await after.portrait(), fresh, 'after a restart the card is as it was');
    same((await after.start()).code, 0, 'and moves again');
    await after.stop();
    await atHome(after, fresh);
  },
};

const killed: Scenario = {
  name: 'libvirtd killed while a card moves, and killed with its VM, leaves a card that comes home by itself',
  on: 'intel-one-card',
  budget: 420,
  play: async (lab, { say }) => {
    const stage = await handStage(await lab.boot('intel-one-card'));
    const { host } = stage;
    await awkwardOn(stage);
    const before = await stage.portrait();
    await host.sh('echo 8 > /sys/module/awkward/parameters/seconds');
    await trouble(host, 'slow');
    const start = stage.start();
    await until('the card is being unbound', async () => (await host.sh(`tail -n 1 ${handJournalPath(stage.vm)} 2> /dev/null || true`)).includes('"act":"unbind"'));
    await host.sh('kill -9 $(pidof libvirtd)');
    holds((await start).code !== 0, 'the start did not succeed');
    await until('the hook is through', async () => (await stage.status()).end !== null);
    say(`after libvirtd died in the middle: ${timesOf(await stage.status())}`);
    await trouble(host, 'none');
    same((await takeBackNow(host)).code, 0, 'a person brings it home at once');
    await atHome(stage, before);

    same((await stage.start()).code, 0, 'and it moves again');
    // Nobody is left who could say that the VM ended: no daemon, no socket, no hook. Then the timer has to find out.
    await host.sh('systemctl mask --runtime -q libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket; systemctl stop libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket 2> /dev/null; kill -9 $(pidof libvirtd) $(pidof qemu-system-x86_64); sleep 1');
    holds(await stage.given(), 'the card is where the dead VM left it');
    // A VM gets five minutes between prepare and its first look at the card; these are spent by the clock.
    await host.sh("date -s '+6 minutes' > /dev/null");
    await until('the timer came', async () => (await stage.status()).end === 'home', 300_000);
    await atHome(stage, before);
    await host.sh('systemctl unmask --runtime -q libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket; systemctl start libvirtd.socket');
    // It finds the VM it knew dead, and needs a moment to say so.
    await until('libvirt knows that the VM is off', async () => (await host.guest.ssh(`virsh -q domstate ${vmName}`)).out.trim() === 'shut off');
    const again = await stage.start();
    same([again.code, again.err], [0, ''], 'with a new libvirtd it moves again');
    await stage.stop();
    await atHome(stage, before);
  },
};

const powerCut: Scenario = {
  name: 'power cut while a card moves: after the start the card is with the host, and the VM starts',
  on: 'intel-one-card',
  budget: 420,
  play: async (lab, { say }) => {
    let host = await lab.bootRecorded('intel-one-card');
    const stage = await handStage(host);
    const fresh = await stage.portrait();
    await awkwardOn(stage);
    await host.sh('echo 600 > /sys/module/awkward/parameters/seconds; sync');
    await trouble(host, 'slow');
    void stage.start().catch(() => undefined);
    await until('the card is being unbound', async () => (await host.sh(`tail -n 1 ${handJournalPath(stage.vm)} 2> /dev/null || true`)).includes('"act":"unbind"'));
    await host.powerCut(7);
    host = await host.switchOn();
    const after = stageOf(host, stage);
    same(await after.portrait(), fresh, 'the card is with the host');
    holds((await host.sh(`cat ${handJournalPath(stage.vm)}`)).includes('"act":"unbind"'), 'the journal says what was under way when the power went');
    const started = await after.start();
    say(timesOf(await after.status()));
    same([started.code, started.err], [0, ''], 'the VM starts');
    holds(await after.given(), 'with its card');
    await after.stop();
    await atHome(after, fresh);
  },
};

/** Rounds that must all succeed: as many by `virsh` as by our own self-test. */
const rounds = 25;

const many: Scenario = {
  name: 'fifty rounds in a row without a failure, and the card is as before after each',
  on: 'intel-one-card',
  budget: 900,
  play: async (lab, { say }) => {
    const stage = await handStage(await lab.boot('intel-one-card'));
    const before = await stage.portrait();
    const gives: number[] = [];
    const takes: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const started = await stage.start();
      same([started.code, started.err], [0, ''], `round ${round} starts`);
      holds(await stage.given(), `round ${round}: the card is with the VM`);
      gives.push(total(await stage.status()));
      await stage.stop();
      await atHome(stage, before);
      takes.push(total(await stage.status()));
      if (round % 5 === 0) say(`${round} rounds by virsh: give ${spread(gives)}, take ${spread(takes)}`);
    }
    const tested = await stage.host.guest.ssh(`switchyard hand-off ${vmName} --rounds ${rounds} --force --json`, { as: 'owner', limit: 2_400_000 });
    same([tested.code, tested.err], [0, ''], `our own test: ${tested.out}`);
    const report = handReport.parse(JSON.parse(tested.out));
    same([report.end, report.rounds.length, sumsOf(report).good], ['done', rounds, rounds], 'its report');
    say(`${rounds} rounds by our own test: ${JSON.stringify(sumsOf(report).all)}`);
    await atHome(stage, before);
    same(await stage.denied(), '', 'AppArmor denied libvirtd nothing');
    same((await stage.host.sh('cat /sys/module/vfio_pci/refcnt')).trim(), '0', 'nobody has VFIO open');
  },
};

const total = ({ phases }: { readonly phases: readonly { readonly took: number }[] }): number => phases.reduce((sum, one) => sum + one.took, 0);
function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round);
  return `${sorted[0] ?? 0}/${sorted[Math.floor(sorted.length / 2)] ?? 0}/${sorted.at(-1) ?? 0} ms`;
}

export const handOffScenarios: readonly Scenario[] = [roundTrip, held, waiting, partly, awkward, hanging, killed, powerCut, many];
