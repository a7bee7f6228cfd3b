// SPDX-License-Identifier: GPL-3.0-or-later
import { say as sentence } from '../../../words/say';
import { holds, same } from '../expect';
import type { Scenario } from '../scenario';
import { drivers, tried } from './apply';
import { aloneCard } from './cards';
import { has, image, listerStage, seenOnce, vmStage } from './vm-stage';

const mdev = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1001';
/** Ids as guests see them: QEMU's plain VGA (the kernel's sample of a divided card has the same, and another class), its virtio-gpu, a virtual function of Intel's 82576. */
const ids = { vga: '1234:1111', virtioGpu: '1af4:1050', virtualFunction: '8086:10ca' } as const;

/** As another tool writes it: words that Switchyard does not know, an order of its own, a password. */
const foreign = (disk: string): string => `<domain type='qemu'>
  <name>other</name>
  <uuid>0f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b1177</uuid>
  <title>made elsewhere</title>
  <metadata><tool:note xmlns:tool='urn:example:tool'>kept &amp; not read</tool:note></metadata>
  <memory unit='MiB'>192</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features><acpi/><apic/></features>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${disk}'/><target dev='sda' bus='sata'/></disk>
    <interface type='network'><source network='default'/><model type='e1000e'/></interface>
    <serial type='pty'/>
    <watchdog model='i6300esb' action='reset'/>
    <graphics type='vnc' port='-1' passwd='letmein1'/>
    <video><model type='cirrus'/></video>
  </devices>
</domain>
`;

export const vmScenarios: readonly Scenario[] = [
  {
    name: 'a VM with emulated VGA, one with a virtual function (SR-IOV) and one with a mediated device are made, started by libvirt, list their device, and are undone without a trace',
    on: 'intel-one-card',
    budget: 300,
    play: async (lab, { say }) => {
      const host = await lab.boot('intel-one-card');
      const stage = await listerStage(host);
      const before = await stage.portrait();

      const plain = await seenOnce(stage, 'plain', '--mode vga');
      say(`plain: ${plain.map((one) => one.id).join(' ')}`);
      same(has(plain, ids.vga).map((one) => one.class), ['0300'], 'the guest has an emulated VGA');
      same(await stage.portrait(), before, 'network, pools, images and VMs are as before');

      const forwarded = await stage.vm('create --name forwarded --system linux --mode virtio-3d --size 1 --yes');
      holds(forwarded.code !== 0 && forwarded.err.includes(sentence('en', 'vm.refusal.gl-needs-display')), `without OpenGL on this computer virtio-gpu with 3D is refused, and why: ${forwarded.err}`);

      const parent = (await host.facts()).pci.functions.find((one) => one.sriov !== null);
      if (parent === undefined) throw new Error('this guest has no function that can make virtual ones');
      await host.sh(`echo 1 > /sys/bus/pci/devices/${parent.address}/sriov_numvfs; udevadm settle; sleep 3`);
      const driverNow = async (): Promise<string | null> => (await host.facts()).pci.functions.find((one) => one.physicalFunction === parent.address)?.driver ?? null;
      const virtual = (await host.facts()).pci.functions.find((one) => one.physicalFunction === parent.address);
      if (virtual === undefined) throw new Error('no virtual function');
      const whole = await stage.vm(`create --name whole --system linux --mode sriov --card ${parent.address} --size 1 --yes`);
      holds(whole.code !== 0 && whole.err.includes(parent.address), `the whole network card is not taken for a virtual function: ${whole.err}`);
      const given = await seenOnce(stage, 'virtual', `--mode sriov --card ${virtual.address}`, async () => {
        same(await driverNow(), 'vfio-pci', 'while the VM runs it has the function');
      });
      say(`virtual: ${given.map((one) => one.id).join(' ')}`);
      same(has(given, ids.virtualFunction).map((one) => one.class), ['0200'], 'the guest has the virtual function');
      same(has(given, ids.virtioGpu).length, 1, 'and a virtio-gpu for its picture');
      same(await driverNow(), virtual.driver, 'the virtual function is back with its driver');

      await host.sh(`modprobe mbochs; udevadm settle; type=$(ls -d /sys/class/mdev_bus/*/mdev_supported_types/*mbochs* | head -n 1); echo ${mdev} > $type/create`);
      const part = await seenOnce(stage, 'part', `--mode mdev --part ${mdev}`);
      say(`part: ${part.map((one) => one.id).join(' ')}`);
      same(has(part, ids.vga).map((one) => one.class), ['0380'], 'the guest has the part of the card');
      holds((await host.sh('ls /sys/bus/mdev/devices')).includes(mdev), 'which is there as before');
      same(await stage.portrait(), before, 'network, pools, images and VMs are as before');
    },
  },
  {
    name: 'a VM with a dedicated card is started by libvirt, lists every function of the card in one slot beside a virtio-gpu, and is undone',
    on: 'intel-one-card',
    budget: 400,
    play: async (lab, { say }) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      await tried(host, card);
      const stage = await listerStage(host);
      const before = await stage.portrait();
      const seen = await seenOnce(stage, 'gamer', `--mode passthrough --way dedicated --card ${card[0]?.address ?? ''}`, async () => {
        const open = await host.sh('for p in $(pidof qemu-system-x86_64); do ls -l /proc/$p/fd; done | grep -c vfio || true');
        holds(Number(open) >= card.length, `QEMU has the card open: ${open}`);
      });
      say(seen.map((one) => `${one.at} ${one.id}`).join(', '));
      const own = card.map((one) => seen.find((two) => two.id === `${one.vendor}:${one.device}`));
      same(own.map((one) => one?.class), card.map((one) => one.class), 'the guest has every function of the card');
      same(own.map((one) => Number.parseInt(one?.at ?? '', 16) & 0xfff8), card.map(() => Number.parseInt(own[0]?.at ?? '', 16) & 0xfff8), 'in one slot');
      same(has(seen, ids.virtioGpu).map((one) => one.class.slice(0, 2)), ['03'], 'and a virtio-gpu for the window');
      same(await drivers(host, card), card.map(() => 'vfio-pci'), 'the card stays set aside');
      same(await stage.portrait(), before, 'network, pools, images and VMs are as before');
    },
  },
  {
    name: 'a VM with UEFI, Secure Boot and TPM is started by libvirt, its firmware runs, and it is undone with its disk',
    on: 'intel-one-card',
    budget: 240,
    play: async (lab, { say }) => {
      const host = await lab.boot('intel-one-card');
      const stage = await vmStage(host);
      const before = await stage.portrait();
      const { run, drawn } = await stage.change('create --name windows --system windows-11 --mode vga --size 1 --memory 1024 --cores 1');
      same(drawn?.review.steps.map((step) => step.id), ['vm-network', 'vm-pool', 'vm-disk-1', 'vm-define'], 'everything was shown');
      await stage.start('windows');
      const live = await host.sh('virsh dumpxml windows');
      const nvram = /<nvram[^>]*>([^<]+)</.exec(live)?.[1] ?? '';
      const template = /<nvram template='([^']+)'|<nvram [^>]*template='([^']+)'/.exec(live)?.slice(1).find((one) => one !== undefined) ?? '';
      say(`${nvram} from ${template}`);
      holds(/<loader[^>]*secure='yes'/.test(live) && live.includes("<tpm model='tpm-crb'"), 'with the secure loader and a TPM');
      holds((await host.sh('pidof swtpm || true')).trim() !== '', 'the TPM is emulated');
      // The firmware writes its own variables as soon as it has found the board; the small disk holds nothing to start.
      await host.sh(`for i in $(seq 600); do cmp -s '${nvram}' '${template}' || exit 0; sleep 1; done; exit 1`, { limit: 1_000_000 });
      same((await host.sh('virsh -q domstate windows')).trim(), 'running', 'and it runs on');
      await stage.forceOff('windows');
      // Nothing was ever written to its disk, so that goes too.
      await stage.undo(run);
      same(await stage.portrait(), before, 'network, pools, images and VMs are as before');
    },
  },
  {
    name: 'a VM made by another tool is adopted, its network that was off is started as a step, it runs and lists its devices, and it is given back byte for byte as it was',
    on: 'intel-one-card',
    budget: 240,
    play: async (lab, { say }) => {
      const host = await lab.boot('intel-one-card');
      const stage = await listerStage(host);
      await host.sh('cat > /tmp/other.xml && virsh -q -c qemu:///system define --validate /tmp/other.xml > /dev/null', { as: 'owner', input: foreign(image) });
      const stored = (): Promise<string> => host.sh('virsh dumpxml --inactive --security-info other');
      const before = await stored();
      holds(before.includes("passwd='letmein1'") && before.includes('kept &amp; not read'), 'libvirt keeps what the other tool wrote');
      const { run } = await stage.change('adopt other');
      const ours = await stored();
      const added = ours.split('\n').filter((line) => !before.split('\n').includes(line));
      say(added.map((line) => line.trim()).join(' '));
      holds(added.length > 0 && added.every((line) => line.includes('switchyard')), 'only our mark was added');
      const refused = await stage.vm('start other');
      holds(refused.code !== 0 && refused.err.includes(sentence('en', 'vm.failure.network-inactive')), `it does not start without its network, and why: ${refused.err}`);
      const networks = (): Promise<string> => host.sh('virsh -q net-list --all');
      const off = await networks();
      const network = await stage.change('network other');
      same(network.run.steps.map((step) => step.id), ['vm-network'], 'only the network is started');
      await stage.start('other');
      const seen = await stage.devices('other');
      same(seen.filter((one) => one.class === '0200').map((one) => one.id), ['8086:10d3'], 'and the network card');
      same(seen.filter((one) => one.class === '0300').map((one) => one.id), ['1013:00b8'], 'the guest has the adapter the other tool gave it');
      await stage.forceOff('other');
      await stage.undo(network.run);
      same(await networks(), off, 'the network is off again');
      await stage.undo(run);
      same(await stored(), before, 'it is as it was, byte for byte, with its password');
    },
  },
];
