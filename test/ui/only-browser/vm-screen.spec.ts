// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test, type Page } from 'playwright/test';
import { ok, type Result } from '../../../contract/problem';
import { onMachine } from '../gallery/screen-parts';
import { origin, servePage } from '../gallery/serve';
import { liveVms } from '../gallery/vms';

const size = { width: 32, height: 24 } as const;
const colour = [200, 40, 10] as const;

/** A VNC server of a few lines (RFC 6143): asks for a password, shows one colour, notes which keys were pressed. */
class SmallServer {
  readonly keys: number[] = [];
  answered = false;
  private readonly out: Buffer[] = [Buffer.from('RFB 003.008\n')];
  private held = Buffer.alloc(0);
  private at: 'version' | 'security' | 'response' | 'init' | 'on' = 'version';

  read(): Buffer {
    return Buffer.concat(this.out.splice(0));
  }
  write(data: Buffer): void {
    this.held = Buffer.concat([this.held, data]);
    while (this.step());
  }
  private take(bytes: number): Buffer | null {
    if (this.held.length < bytes) return null;
    const taken = this.held.subarray(0, bytes);
    this.held = this.held.subarray(bytes);
    return taken;
  }
  private step(): boolean {
    switch (this.at) {
      case 'version':
        if (this.take(12) === null) return false;
        this.out.push(Buffer.from([1, 2]));
        this.at = 'security';
        return true;
      case 'security':
        if (this.take(1) === null) return false;
        this.out.push(Buffer.alloc(16, 7));
        this.at = 'response';
        return true;
      case 'response': {
        const response = this.take(16);
        if (response === null) return false;
        this.answered = !response.equals(Buffer.alloc(16, 7));
        this.out.push(Buffer.alloc(4));
        this.at = 'init';
        return true;
      }
      case 'init':
        if (this.take(1) === null) return false;
        this.out.push(this.init());
        this.at = 'on';
        return true;
      case 'on':
        return this.message();
    }
  }
  private init(): Buffer {
    const name = Buffer.from('test');
    const head = Buffer.alloc(24);
    head.writeUInt16BE(size.width, 0);
    head.writeUInt16BE(size.height, 2);
    head.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16], 4);
    head.writeUInt32BE(name.length, 20);
    return Buffer.concat([head, name]);
  }
  private message(): boolean {
    const kind = this.held[0];
    if (kind === undefined) return false;
    const length = { 0: 20, 3: 10, 4: 8, 5: 6 }[kind] ?? (kind === 2 && this.held.length >= 4 ? 4 + 4 * this.held.readUInt16BE(2) : Infinity);
    const body = this.take(length);
    if (body === null) return false;
    if (kind === 3) this.out.push(this.picture());
    if (kind === 4 && body[1] === 1) this.keys.push(body.readUInt32BE(4));
    return true;
  }
  private picture(): Buffer {
    const head = Buffer.alloc(16);
    head.set([0, 0, 0, 1]);
    head.writeUInt16BE(size.width, 8);
    head.writeUInt16BE(size.height, 10);
    return Buffer.concat([head, Buffer.alloc(size.width * size.height * 4, Buffer.from([...colour, 0]))]);
  }
}

test.describe.configure({ mode: 'serial' });
const lived = await liveVms();

/** The built window under its own policy, with main's part played here: everything static but the stream. */
async function openOn(page: Page, server: SmallServer): Promise<string[]> {
  const breaches: string[] = [];
  const stage: Record<string, Result<unknown>> = {
    ...onMachine(lived.look, { 'vm.list': ok({ ...lived.there, vms: [lived.running] }), 'vm.guest': ok(lived.guest), 'vm.console': ok({ vnc: { why: null }, serial: { command: null }, viewers: [] }) }),
    'vm.stream-open': ok({ stream: 'a'.repeat(32), password: 'KpT4wQz7' }),
    'vm.stream-close': ok({}),
  };
  let closed = false;
  await page.exposeFunction('askMain', async (name: string, input: { data?: string }): Promise<unknown> => {
    if (name === 'vm.stream-write') server.write(Buffer.from(input.data ?? '', 'base64'));
    if (name === 'vm.stream-write') return ok({});
    if (name === 'vm.stream-close') closed = true;
    if (name !== 'vm.stream-read') return stage[name] ?? new Promise(() => undefined);
    for (let tries = 0; tries < 100; tries += 1) {
      const data = server.read();
      if (data.length > 0 || closed) return ok({ data: data.toString('base64'), ended: closed ? 'closed' : null });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return ok({ data: '', ended: null });
  });
  await page.exposeFunction('breach', (what: string) => {
    breaches.push(what);
  });
  await servePage(page);
  await page.addInitScript(() => {
    const here = window as unknown as { app: unknown; askMain: (name: string, input: unknown) => Promise<unknown>; breach: (what: string) => void };
    here.app = { ask: (name: string, input: unknown) => here.askMain(name, input), hear: () => () => undefined };
    document.addEventListener('securitypolicyviolation', (event) => {
      here.breach(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(`${origin}/`);
  return breaches;
}

test('the screen of a VM is shown over main’s stream, within the sealed policy, and gives the keyboard back', async ({ page }) => {
  const server = new SmallServer();
  const breaches = await openOn(page, server);
  await page.getByRole('button', { name: 'Virtual machines' }).click();
  await page.locator('.open').first().click();
  await page.getByRole('button', { name: 'Show it here' }).click();
  const screen = page.getByRole('application', { name: /Screen of/ });
  await expect(screen.locator('canvas')).toBeVisible();
  expect(server.answered).toBe(true);
  const seen = (): Promise<number[]> => screen.locator('canvas').evaluate((canvas) => [...((canvas as HTMLCanvasElement).getContext('2d')?.getImageData(3, 3, 1, 1).data ?? [])].slice(0, 3));
  await expect.poll(seen).toEqual([...colour]);
  await page.keyboard.press('a');
  await expect.poll(() => server.keys).toContain(0x61);
  await page.keyboard.press('Tab');
  await expect.poll(() => server.keys, { message: 'Tab goes to the VM' }).toContain(0xff09);
  await page.keyboard.press('Control+Alt+g');
  await expect(page.getByRole('button', { name: 'Close the screen' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(screen).toBeHidden();
  await expect(page.getByRole('button', { name: 'Show it here' })).toBeVisible();
  expect(breaches).toEqual([]);
});
