// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { beforeAll, describe, expect, test } from 'vitest';
import { answerLine, protocol, type EndLine } from '../../contract/helper';
import type { Intent } from '../../contract/plan';
import { packageVersion } from '../../contract/version';
import { modprobeFile, modulesFile } from '../../core/step/own/files';
import { buildHelper } from './build-helper';
import { isRoot } from './real';

const house = join(import.meta.dirname, '../..');
const tools = ['/usr/bin/gpasswd', '/usr/bin/setpriv', '/usr/sbin/chroot'].every((path) => existsSync(path));
const overlay = 'mount -t tmpfs tmpfs /run && mkdir /run/u /run/w /run/m && mount -t overlay overlay -o lowerdir=/,upperdir=/run/u,workdir=/run/w /run/m';
const canTry = isRoot && tools && spawnSync('unshare', ['-m', '--propagation', 'private', '/bin/sh', '-c', overlay]).status === 0;
if (!canTry) console.log('NOT TESTED: the shipped helper preparing a VM host, because this is not root with gpasswd, setpriv, chroot and an overlay of /');
let helper = '';
let planner = '';

interface Told {
  readonly hash: string;
  readonly apply: EndLine;
  readonly undo: EndLine | null;
  /** /etc before, after apply, after undo: every file with mode and owner, and with its digest; not the copies gpasswd makes for itself. */
  readonly etc: readonly [readonly string[], readonly string[], readonly string[]];
  readonly text: (path: string) => string;
}

/**
 * A person (user 4242) draws the plan, root does it through the shipped file, and undoes it: in a namespace where /etc is
 * a copy, with the real gpasswd and the real cp. `between`: what somebody else does before root looks.
 */
function walk(intent: Intent, { before = '', between = '' }: { before?: string; between?: string } = {}): Told {
  const line = `{"protocol":${protocol},"version":"${packageVersion}","intent":${JSON.stringify(intent)},"approved":"%s"}`;
  // Whatever container this runs in must not show: the program would refuse to change one.
  const outside = `set -e
    mount -t tmpfs -o mode=755 tmpfs /run; mkdir /run/upper /run/work /run/all
    mount -t overlay overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work /run/all
    rm -f /run/all/.dockerenv /run/all/run/.containerenv
    for place in /proc /sys /dev; do mount --rbind $place /run/all$place; done
    for place in /boot /run /var/lib; do mount -t tmpfs -o mode=755 tmpfs /run/all$place; done
    mkdir -p /run/all/run/etc /run/all/var/lib/switchyard /run/all/var/lib/program
    cp -a /etc/. /run/all/run/etc/
    cp "$1" /run/all/var/lib/program/node; cp "$2" /run/all/var/lib/program/helper.cjs; cp "$3" /run/all/var/lib/program/plan.mjs
    chown -R 0:0 /run/all/var/lib/program; chmod -R a+rX /run/all/var/lib/program
    mount --bind /run/all/run/etc /run/all/etc
    chown root:root /run/all/etc; chmod 755 /run/all/etc
    exec chroot /run/all /bin/bash -c "$4"`;
  const script = `set -e
    printf 'tester:x:4242:4242::/:/bin/sh\\n' >> /etc/passwd
    sed -i '/^\\(kvm\\|libvirt\\|input\\):/d' /etc/group
    printf 'kvm:x:9105:\\nlibvirt:x:9106:other\\n' >> /etc/group
    [ ! -e /etc/gshadow ] || { sed -i '/^\\(kvm\\|libvirt\\|input\\):/d' /etc/gshadow; printf 'kvm:!::\\nlibvirt:!::other\\n' >> /etc/gshadow; }
    mkdir -p /etc/modprobe.d /etc/modules-load.d /etc/tmpfiles.d /etc/apparmor.d/local/abstractions /etc/libvirt/hooks
    for folder in /etc/modprobe.d /etc/modules-load.d /etc/tmpfiles.d /etc/apparmor.d /etc/apparmor.d/local /etc/apparmor.d/local/abstractions /etc/libvirt /etc/libvirt/hooks; do chown 0:0 $folder; chmod 755 $folder; done
    ${before}
    etc() { find /etc -xdev -type f ! -name '*-' ! -name .pwd.lock -printf '%p %m:%U:%G\\n' | sort; find /etc -xdev -type f ! -name '*-' ! -name .pwd.lock -exec sha256sum {} + | sort -k2; }
    hash=$(cd / && setpriv --reuid 4242 --regid 4242 --clear-groups /var/lib/program/node /var/lib/program/plan.mjs '${JSON.stringify(intent)}')
    printf '%s\\n=====\\n' "$hash"
    etc; printf '=====\\n'
    ${between}
    mkfifo /run/in
    ask() { (exec > /dev/null 2>&1; printf "$1\\n" > /run/held; exec 9> /run/in; cat /run/held >&9; sleep 60) & writer=$!; PKEXEC_UID=4242 /var/lib/program/node /var/lib/program/helper.cjs $2 < /run/in || true; kill $writer; }
    ask "$(printf '${line}' "$hash" | sed 's/%/%%/g; s/\\\\/\\\\\\\\/g')" apply | tee /run/said
    printf '=====\\n'; etc; printf '=====\\n'
    for f in /etc/modprobe.d/switchyard.conf /etc/modules-load.d/switchyard.conf /etc/libvirt/hooks/qemu.d/50-switchyard /etc/apparmor.d/local/abstractions/libvirt-qemu /etc/group; do [ -f $f ] && { printf '>>>%s\\n' $f; cat $f; }; done
    printf '=====\\n'
    id=$(sed -n 's/.*"transaction":"\\([0-9a-f]*\\)".*/\\1/p' /run/said | tail -1)
    [ -z "$id" ] || ask "{\\"protocol\\":${protocol},\\"version\\":\\"${packageVersion}\\",\\"transaction\\":\\"$id\\"}" undo
    printf '=====\\n'; etc`;
  const done = spawnSync('unshare', ['-m', '--propagation', 'private', '/bin/bash', '-c', outside, 'sh', process.execPath, helper, planner, script], { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, timeout: 120_000 });
  const [hash = '', first = '', said = '', second = '', texts = '', undone = '', third = ''] = done.stdout.split('=====\n');
  const end = (text: string): EndLine | null => {
    const lines = text.split('\n').filter((each) => each !== '').map((each) => answerLine.parse(JSON.parse(each)));
    const last = lines.at(-1);
    return last?.kind === 'end' ? last : null;
  };
  const applied = end(said);
  if (applied === null) throw new Error(`${done.stdout}\n${done.stderr}`);
  const lines = (text: string): readonly string[] => text.split('\n').filter((each) => each !== '');
  return { hash: hash.trim(), apply: applied, undo: end(undone), etc: [lines(first), lines(second), lines(third)], text: (path) => new RegExp(`>>>${path}\\n([^]*?)(?=>>>|$)`).exec(texts)?.[1] ?? '' };
}

describe.runIf(canTry)('the shipped helper, asked through pkexec by a person', () => {
  beforeAll(async () => {
    helper = await buildHelper('helper-now');
    const outDir = join(house, '.cache/plan-once');
    await build({ configFile: false, logLevel: 'error', ssr: { noExternal: true }, build: { ssr: join(import.meta.dirname, 'plan-once.ts'), outDir, emptyOutDir: true, target: 'node24', rollupOptions: { output: { entryFileNames: 'plan-once.mjs' } } } });
    planner = join(outDir, 'plan-once.mjs');
  }, 180_000);

  test('draws the very plan the person drew, does it on a real /etc, and undoes it to the byte', { timeout: 120_000 }, () => {
    const told = walk({ kind: 'vm-host', needs: ['account', 'cards', 'looking-glass'] }, { before: "printf '/mine r,\\n' > /etc/apparmor.d/local/abstractions/libvirt-qemu" });
    expect(told.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(told.apply).toMatchObject({ ok: true, outcome: { state: 'kept', restart: false } });
    expect(told.text('/etc/modprobe.d/switchyard.conf')).toBe(modprobeFile.print({ options: [{ module: 'vfio-pci', name: 'disable_vga', value: '1' }], before: [] }));
    expect(told.text('/etc/modules-load.d/switchyard.conf')).toBe(modulesFile.print(['vfio_pci', 'vfio_iommu_type1']));
    expect(told.text('/etc/apparmor.d/local/abstractions/libvirt-qemu')).toMatch(/^\/mine r,\n# --- BEGIN/);
    expect(told.text('/etc/group')).toMatch(/^kvm:x:9105:tester$/m);
    expect(told.text('/etc/group')).toMatch(/^libvirt:x:9106:other,tester$/m);
    const [before, after, undone] = told.etc;
    expect(after.filter((line) => /\/switchyard\.conf \d/.test(line))).toEqual(['/etc/modprobe.d/switchyard.conf 644:0:0', '/etc/modules-load.d/switchyard.conf 644:0:0']);
    expect(after).not.toEqual(before);
    expect(told.undo).toMatchObject({ ok: true, outcome: { state: 'undone', restart: false } });
    expect(undone).toEqual(before);
  });

  test('refuses when somebody wrote one of the files since the person read the plan, and touches nothing', { timeout: 120_000 }, () => {
    const told = walk({ kind: 'vm-host', needs: ['cards'] }, { between: "printf '# managed by switchyard\\nkvmfr\\n' > /etc/modules-load.d/switchyard.conf" });
    expect(told.apply).toMatchObject({ ok: false, problem: { code: 'plan-stale' } });
    expect(told.etc[1].filter((line) => line.includes('switchyard'))).toEqual([expect.stringContaining('/etc/modules-load.d/switchyard.conf'), expect.stringContaining('/etc/modules-load.d/switchyard.conf')]);
  });

  const hostile: readonly (readonly [string, string, string])[] = [
    ['a link where its file goes', 'ln -s /etc/shadow /etc/modules-load.d/switchyard.conf', 'place-odd'],
    ['a FIFO where its file goes', 'mkfifo /etc/modules-load.d/switchyard.conf', 'place-odd'],
    ["somebody else's file where its own goes", "printf 'vfio\\n' > /etc/modules-load.d/switchyard.conf", 'not-ours'],
  ];
  test.each(hostile)('meets %s, says so, and leaves it', { timeout: 120_000 }, (_, before, why) => {
    const told = walk({ kind: 'vm-host', needs: ['cards'] }, { before });
    expect(told.hash).toContain(why);
    // The person had nothing to approve, so the request itself is no request.
    expect(told.apply).toMatchObject({ ok: false, problem: { code: 'protocol' } });
    expect(told.etc[1]).toEqual(told.etc[0]);
  });

  test('writes through no folder that others may write, and names the place', { timeout: 120_000 }, () => {
    const told = walk({ kind: 'vm-host', needs: ['cards'] }, { between: 'chmod 777 /etc/modules-load.d' });
    expect(told.apply).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why: 'writable' } } });
    expect(told.etc[1]).toEqual(told.etc[0]);
  });
});
