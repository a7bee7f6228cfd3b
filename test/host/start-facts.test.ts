// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { liveMachine } from '../../host/live';
import type { Machine } from '../../host/machine';
import { lookAtStart } from '../../host/start-facts';
import { lookAtReach } from '../../host/reach';
import { lookAtWaysBack } from '../../host/ways-back';
import { plantTree, type Tree } from './tree';

const gpu = '0000:00:02.0';
const nic = '0000:03:00.0';
const route = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';
const tcp = '  sl  local_address rem_address   st\n';

function connector(tree: Tree, card: string, name: string, enabled: string): void {
  tree.put(`/sys/devices/pci0000:00/${gpu}/drm/${card}/${card}-${name}/enabled`, `${enabled}\n`);
  tree.put(`/sys/devices/pci0000:00/${gpu}/drm/${card}/${card}-${name}/status`, 'connected\n');
  tree.put(`/sys/class/drm/${card}-${name}`, { link: `../../devices/pci0000:00/${gpu}/drm/${card}/${card}-${name}` });
}

function network(tree: Tree, name: string, path: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) tree.put(`/sys/devices/${path}/net/${name}/${file}`, `${text}\n`);
  if (path.startsWith('pci')) tree.put(`/sys/devices/${path}/net/${name}/device`, { link: `../../../${path.slice(path.lastIndexOf('/') + 1)}` });
  tree.put(`/sys/class/net/${name}`, { link: `../../devices/${path}/net/${name}` });
}

function desktop(): Tree {
  const tree = plantTree();
  tree.put(`/sys/devices/pci0000:00/${gpu}/drm/card1/device`, { link: `../../../${gpu}` });
  tree.put('/sys/class/drm/card1', { link: `../../devices/pci0000:00/${gpu}/drm/card1` });
  connector(tree, 'card1', 'HDMI-A-1', 'enabled');
  connector(tree, 'card1', 'DP-1', 'disabled');
  network(tree, 'enp3s0', `pci0000:00/${nic}`, { operstate: 'up', carrier: '1' });
  network(tree, 'wlan0', `pci0000:00/${gpu}`, { operstate: 'down', carrier: '0' });
  network(tree, 'virbr0', 'virtual', { operstate: 'up', carrier: '1' });
  network(tree, 'lo', 'virtual', { operstate: 'unknown', carrier: '1' });
  tree.put('/proc/net/route', `${route}enp3s0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n`);
  tree.put('/proc/net/ipv6_route', '');
  tree.put('/proc/net/tcp', `${tcp}   0: 00000000:0016 00000000:0000 0A\n`);
  tree.put('/run/systemd/sessions/2', 'UID=1000\nACTIVE=1\nSTATE=active\nREMOTE=0\nTYPE=wayland\nCLASS=user\n');
  tree.put('/sys/fs/cgroup/system.slice/system-getty.slice/getty@tty1.service/cgroup.procs', '812\n');
  tree.put('/sys/fs/cgroup/system.slice/ssh.service/cgroup.procs', '733\n');
  return tree;
}

const looked = (tree: Tree, run: Machine['run'] = () => ({ at: 'absent' })) => lookAtStart({ ...liveMachine(tree.root), run });

describe('what a start gives to the person', () => {
  test('is lit screens with their card, physical interfaces that are up, ways to log in, and failed units', () => {
    const failed = '  motd-news.service loaded failed failed Message of the Day\n● x@y.service loaded failed failed X\n';
    expect(looked(desktop(), (program) => (program === 'failed-units' ? { at: 'is', value: failed.replaceAll('● ', '') } : { at: 'absent' }))).toEqual({
      screens: [{ name: 'HDMI-A-1', gpu }],
      network: { route: true, links: [{ name: 'enp3s0', device: nic }] },
      login: { graphical: true, console: true, remote: true },
      failedUnits: ['motd-news.service', 'x@y.service'],
    });
  });

  test('is unknown, and not "no", on a machine that shows nothing', () => {
    const tree = plantTree();
    // Without a graphics driver there is nothing that could be lit: that is known.
    expect(looked(tree)).toEqual({ screens: [], network: null, login: null, failedUnits: null });
  });

  test.each([
    ['a route that says no', `${route}lo\t00000000\t00000000\t0200\t0\t0\t0\t00000000\t0\t0\t0\n`],
    ['a route to one network', `${route}enp3s0\t0002A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n`],
  ])('%s is no way out', (_, text) => {
    const tree = desktop();
    tree.put('/proc/net/route', text);
    expect(looked(tree).network?.route).toBe(false);
  });

  test('a default route of IPv6 is a way out; the one that rejects is not', () => {
    const zero = '0'.repeat(32);
    const line = (flags: string, device: string): string => `${zero} 00 ${zero} 00 fe80${'0'.repeat(28)} 00000400 00000001 00000000 ${flags} ${device}\n`;
    const tree = desktop();
    tree.put('/proc/net/route', route);
    tree.put('/proc/net/ipv6_route', line('00200200', 'lo'));
    expect(looked(tree).network?.route).toBe(false);
    tree.put('/proc/net/ipv6_route', line('00200200', 'lo') + line('00450003', 'enp3s0'));
    expect(looked(tree).network?.route).toBe(true);
  });

  test('a greeter that waits is a graphical login; one on its way out, and an ssh session, are none', () => {
    const tree = desktop();
    tree.put('/run/systemd/sessions/2', 'STATE=closing\nREMOTE=0\nTYPE=wayland\nCLASS=user\n');
    expect(looked(tree).login?.graphical).toBe(false);
    tree.put('/run/systemd/sessions/c1', 'STATE=online\nREMOTE=0\nTYPE=x11\nCLASS=greeter\n');
    expect(looked(tree).login?.graphical).toBe(true);
    tree.put('/run/systemd/sessions/c1', 'STATE=active\nREMOTE=1\nTYPE=x11\nCLASS=user\n');
    expect(looked(tree).login?.graphical).toBe(false);
  });

  test('a login on the console is one although its getty has no process any more', () => {
    const tree = desktop();
    tree.put('/sys/fs/cgroup/system.slice/system-getty.slice/getty@tty1.service/cgroup.procs', '');
    expect(looked(tree).login?.console).toBe(false);
    tree.put('/run/systemd/sessions/3', 'STATE=active\nREMOTE=0\nTYPE=tty\nCLASS=user\n');
    expect(looked(tree).login?.console).toBe(true);
  });

  test('a serial console and ssh through its socket count', () => {
    const tree = plantTree();
    tree.put('/sys/fs/cgroup/system.slice/system-serial\\x2dgetty.slice/serial-getty@ttyS0.service/cgroup.procs', '5\n');
    tree.put('/proc/net/tcp', tcp);
    tree.put('/proc/net/tcp6', `${tcp}   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A\n`);
    expect(looked(tree).login).toEqual({ graphical: false, console: true, remote: true });
  });
});

describe('ways back into a machine', () => {
  test('are told from links of systemd, open ports, routes and the start menu', () => {
    const tree = desktop();
    tree.put('/etc/systemd/system/multi-user.target.wants/ssh.service', { link: '/usr/lib/systemd/system/ssh.service' });
    tree.put('/boot/grub/grub.cfg', "menuentry 'Debian (recovery mode)' --class debian $menuentry_id_option 'gnulinux-6.1.0-recovery-1234' {\n}\n");
    expect(lookAtWaysBack(liveMachine(tree.root))).toEqual({ sshEnabled: true, sshListening: true, networkUp: true, rescueEntry: true });
  });

  test('are unknown where nothing can be read', () => {
    expect(lookAtWaysBack(liveMachine(plantTree().root))).toEqual({ sshEnabled: null, sshListening: null, networkUp: null, rescueEntry: null });
  });

  test('do not count a server that listens on loopback alone, or on another port than it was told', () => {
    const tree = desktop();
    tree.put('/proc/net/tcp', `${tcp}   0: 0100007F:0016 00000000:0000 0A\n`);
    expect(lookAtWaysBack(liveMachine(tree.root)).sshListening).toBe(false);
    tree.put('/etc/ssh/sshd_config', '# Port 22\nPort 2222\n');
    expect(lookAtWaysBack(liveMachine(tree.root)).sshListening).toBe(false);
    tree.put('/proc/net/tcp', `${tcp}   0: 00000000:08AE 00000000:0000 0A\n`);
    expect(lookAtWaysBack(liveMachine(tree.root)).sshListening).toBe(true);
  });
});

describe('how to get here from another computer', () => {
  const reach = (name: string, env: Record<string, string> = {}) => {
    const tree = plantTree();
    tree.put('/proc/sys/kernel/hostname', `${name}\n`);
    return lookAtReach({ ...liveMachine(tree.root), env });
  };
  test('is by the name of this computer and of the person, where both are names', () => {
    expect(reach('studio', { USER: 'sam' })).toBe('sam@studio');
    expect(reach('studio.lan')).toBe('studio.lan');
    expect(reach('studio', { USER: 'root' })).toBe('studio');
    expect(reach('studio', { USER: 'sam; id' })).toBe('studio');
    for (const name of ['localhost', '(none)', '-oProxyCommand=id', '$(id)']) expect(reach(name, { USER: 'sam' })).toBeNull();
    expect(lookAtReach(liveMachine(plantTree().root))).toBeNull();
  });
});
