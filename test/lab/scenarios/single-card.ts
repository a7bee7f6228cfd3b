// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { handStatus } from '../../../contract/hand-off';
import { handStatusPath } from '../../../helper/hand-off/journal';
import { good, holds, same } from '../expect';
import type { Host } from '../lab';
import type { Scenario } from '../scenario';
import { changed } from './apply';
import { aloneCard } from './cards';
import { atHome, awkwardOn, handStage, timesOf, trouble, until, vmName, type HandStage } from './hand-off-stage';

const onlyCard = async (host: Host): Promise<HandStage> => {
  // Installed into a machine that was up: from the next start on it starts by itself.
  await host.sh('systemctl start display-manager', { limit: 400_000 });
  await seesGreeter(host);
  return handStage(host, aloneCard, (devices) => ({ kind: 'single-card', devices, restartWhenStuck: false }));
};

/** What stands behind a log-in screen: its service, the card's node it has open, the greeter itself, and the text console. */
const behind = [
  'systemctl is-active xdm',
  'for p in $(cat /sys/fs/cgroup/system.slice/xdm.service/cgroup.procs 2> /dev/null); do readlink /proc/$p/fd/* 2> /dev/null; done | grep -x /dev/dri/card0 | sort -u',
  "ps -eo args | grep -q '^-:0' && echo greeter",
  'cat /proc/fb',
  "for v in /sys/class/vtconsole/*; do if grep -q 'frame buffer' $v/name; then echo console $(cat $v/bind); fi; done",
].join('; ');
const there = ['active', '/dev/dri/card0', 'greeter', '0 bochs-drmdrmfb', 'console 1'].join('\n');

/** How many colours are on the screen that hangs on the only card, as its monitor shows it. */
async function colours({ guest }: Host): Promise<number> {
  const filename = path.join(guest.folder, 'screen.ppm');
  rmSync(filename, { force: true });
  await guest.qmp('screendump', { filename });
  const picture = readFileSync(filename);
  const seen = new Set<number>();
  for (let at = 32; at + 2 < picture.length; at += 3) seen.add(picture.readUIntBE(at, 3));
  return seen.size;
}

async function seesGreeter(host: Host): Promise<void> {
  await until('the log-in screen is on the card', async () => (await host.guest.ssh(behind)).out.trim() === there);
  // A picture of one colour is a dark screen, whatever runs behind it.
  await until('and it can be seen', async () => (await colours(host)) > 2);
}

const runs = async (host: Host): Promise<boolean> => (await host.sh(`virsh -q domstate ${vmName}`, { limit: 400_000 })).trim() === 'running';

const roundTrip: Scenario = {
  name: 'the only card goes to its VM with the desktop ended in order, and comes back with the log-in screen, whoever starts it',
  on: 'intel-only-card',
  budget: 200,
  play: async (lab, { say }) => {
    const host = await lab.boot('intel-only-card');
    const files = await host.digests();
    const stage = await onlyCard(host);
    const before = await stage.portrait();

    const started = await stage.start();
    same([started.code, started.err], [0, ''], 'virsh starts it');
    holds(await stage.given(), 'every function of the only card is on vfio-pci');
    holds(await runs(host), 'the VM runs');
    same((await host.guest.ssh('systemctl is-active xdm')).out.trim(), 'inactive', 'the log-in screen has ended');
    same((await host.sh('cat /proc/fb')).trim(), '', 'nothing of this computer draws any more');
    holds((await stage.portrait()).includes('switchyard-take-back.timer'), 'somebody will come and look');
    say(timesOf(await stage.status()));
    await stage.stop();
    say(timesOf(await stage.status()));
    await atHome(stage, before);
    await seesGreeter(host);

    const unasked = await host.guest.ssh(`switchyard hand-off ${vmName}`, { as: 'owner', limit: 400_000 });
    holds(unasked.code === 77 && unasked.err.includes('not saved') && unasked.err.includes('switchyard take-back'), `our command says what ends and what leads back: ${unasked.err}`);
    same([await runs(host).catch(() => false), await stage.portrait()], [false, before], 'and does nothing unasked');
    const asked = await host.guest.ssh(`switchyard hand-off ${vmName} --yes`, { as: 'owner', limit: 400_000 });
    same(asked.code, 0, `with a yes it starts it: ${asked.out}${asked.err}`);
    holds(await stage.given(), 'and the card goes along');
    // The guest is firmware only and never answers a polite request: the plug is pulled because it was asked for.
    const back = await host.guest.ssh(`switchyard take-back ${vmName} --wait 2 --force`, { as: 'owner', limit: 400_000 });
    same([back.code, back.err], [0, ''], `from another computer it is taken back: ${back.out}`);
    await atHome(stage, before);
    await seesGreeter(host);

    // A window or a virt-manager in the desktop that ends: its client goes with it, in the middle of its request.
    await host.sh(`setsid sh -c 'echo $$ > /sys/fs/cgroup/system.slice/xdm.service/cgroup.procs; echo $$ > /tmp/client; exec virsh -q start ${vmName}' > /dev/null 2>&1 < /dev/null &`);
    await until('the VM of a client that died with the desktop runs', () => runs(host));
    same((await host.sh('kill -0 $(cat /tmp/client) 2> /dev/null && echo lives || echo gone')).trim(), 'gone', 'the client is gone');
    holds(await stage.given(), 'its VM has the card');
    await stage.stop();
    await atHome(stage, before);
    await seesGreeter(host);

    same(await stage.denied(), '', 'AppArmor denied libvirtd nothing');
    await host.sh(`virsh -q undefine ${vmName}`);
    good(await host.undo(stage.transaction), 'undo');
    const ours = changed(files, await host.digests()).filter((file) => !file.startsWith('/etc/apparmor.d/libvirt/'));
    same(ours, [], 'every file of /etc and /boot is as before');
  },
};

const failing: Scenario = {
  name: 'a start of the only card that is refused, fails or hangs ends on the log-in screen',
  on: 'intel-only-card',
  budget: 200,
  play: async (lab, { say }) => {
    const host = await lab.boot('intel-only-card');
    const stage = await onlyCard(host);
    const before = await stage.portrait();
    const server = await host.sh('pidof Xorg');

    await host.sh("setsid sh -c 'echo $$ > /tmp/holder; exec sleep 3600 9<> /dev/dri/card0' > /dev/null 2>&1 < /dev/null & sleep 1");
    const refused = await stage.start();
    say(refused.err.trim());
    holds(refused.code !== 0 && refused.err.includes('[refused/held]') && refused.err.includes('sleep'), `somebody who is not of the desktop is named: ${refused.err}`);
    same([await stage.portrait(), await host.sh('pidof Xorg')], [before, server], 'the desktop was not touched');
    await host.sh('kill $(cat /tmp/holder)');

    // More memory than there is: QEMU ends after the card has moved, before the guest begins.
    await host.sh(`sed 's#<memory unit="MiB">256#<memory unit="MiB">204800#; s#<name>${vmName}#<name>broken#' /tmp/${vmName}.xml > /tmp/broken.xml; virsh -q define /tmp/broken.xml > /dev/null`);
    const uuid = (await host.sh('virsh -q domuuid broken')).trim();
    const broken = await host.guest.ssh('virsh -q start broken', { limit: 400_000 });
    say(broken.err.trim().slice(0, 300));
    holds(broken.code !== 0 && !broken.err.includes('Switchyard'), `QEMU does not start: ${broken.err}`);
    same(await stage.portrait(), before, 'the card is back');
    const status = handStatus.parse(JSON.parse(await host.sh(`cat ${handStatusPath(uuid)}`)));
    say(timesOf(status));
    same([status.way, status.end], ['take', 'home'], 'it had moved, and was brought home');
    await seesGreeter(host);
    holds((await host.sh('pidof Xorg')) !== server, 'the desktop had ended and is a new one');

    // The sound goes first: when its driver hangs the desktop has ended already, and the picture has not moved yet.
    await awkwardOn(stage, 1);
    await trouble(host, 'hang');
    const hung = await stage.start();
    say(hung.err.trim());
    holds(hung.code !== 0 && hung.err.includes('[stuck/stuck]'), `it is said: ${hung.err}`);
    same((await stage.status()).end, 'stuck', 'and everybody may read it');
    await seesGreeter(host);
    await trouble(host, 'none');
  },
};

export const singleCardScenarios: readonly Scenario[] = [roundTrip, failing];
