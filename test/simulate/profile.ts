// SPDX-License-Identifier: GPL-3.0-or-later
import { Session, type Profiler } from 'node:inspector';

/** Does a work under the processor's profiler and prints to standard error where the time went: the functions that took most of it themselves. */
export async function profiled<T>(work: () => Promise<T>): Promise<T> {
  const session = new Session();
  session.connect();
  const post = <R>(send: (done: (error: Error | null, result: R) => void) => void): Promise<R> =>
    new Promise((settle, reject) => {
      send((error, result) => { if (error === null) settle(result); else reject(error); });
    });
  await post<void>((done) => { session.post('Profiler.enable', done); });
  await post<void>((done) => { session.post('Profiler.start', done); });
  const result = await work();
  const { profile } = await post<Profiler.StopReturnType>((done) => { session.post('Profiler.stop', done); });
  session.disconnect();
  process.stderr.write(summary(profile));
  return result;
}

const nameOf = ({ functionName, url, lineNumber }: Profiler.ProfileNode['callFrame']): string => {
  const file = url.replace(/^.*\/(?=(?:contract|core|host|helper|rehearsal|test|node_modules)\/)/, '');
  return `${functionName === '' ? '(anonymous)' : functionName}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
};

/** Time of each function: its own, and with everything it called (a function that calls itself counts once). */
function summary(profile: Profiler.Profile): string {
  const own = new Map<number, number>();
  profile.samples?.forEach((id, index) => { own.set(id, (own.get(id) ?? 0) + (profile.timeDeltas?.[index] ?? 0)); });
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const self = new Map<string, number>();
  const whole = new Map<string, number>();
  const add = (table: Map<string, number>, name: string, took: number): void => { table.set(name, (table.get(name) ?? 0) + took); };
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const node = byId.get(id);
    if (node === undefined) return 0;
    const name = nameOf(node.callFrame);
    const mine = name === '(idle)' || name === '(program)' ? 0 : (own.get(id) ?? 0);
    add(self, name, mine);
    const inside = above.has(name) ? above : new Set([...above, name]);
    const took = (node.children ?? []).reduce((sum, child) => sum + visit(child, inside), mine);
    if (!above.has(name)) add(whole, name, took);
    return took;
  };
  const root = profile.nodes[0];
  const all = root === undefined ? 0 : visit(root.id, new Set());
  const rooms = new Map<string, number>();
  for (const [name, took] of self) add(rooms, / (contract|core|host|helper|rehearsal|test)\//.exec(name)?.[1] ?? (/schemas\.js|parse\.js|checks\.js|zod/.test(name) ? 'zod' : 'node itself'), took);
  return `${(all / 1e6).toFixed(2)} s of work\nby room\n${most(rooms, all)}\nby itself\n${most(self, all)}\nwith what it calls\n${most(whole, all)}\n`;
}

const most = (table: ReadonlyMap<string, number>, all: number): string =>
  [...table].sort(([, a], [, b]) => b - a).slice(0, 45).map(([name, took]) => `${((took / all) * 100).toFixed(1).padStart(5)} %  ${name}`).join('\n');
