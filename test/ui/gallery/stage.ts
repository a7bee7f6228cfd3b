// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import type { AskName, TellName } from '../../../contract/names';
import type { Result } from '../../../contract/problem';
import type { AskOut, TellBody } from '../../../contract/ui';
import { origin, servePage } from './serve';

/** What the main process of a screen answers; a question without an answer never comes back, which is a waiting screen. */
export type Stage = { readonly [N in AskName]?: Result<AskOut<N>> };

interface StageWindow extends Window {
  app: { ask(name: string, input: unknown): Promise<unknown>; hear(name: string, listener: (body: unknown) => void): () => void };
  asked: { name: string; input: unknown }[];
  tellPage(name: string, body: unknown): void;
  answerNow(name: string, reply: unknown): void;
}

/** Stands in for preload: recorded answers, asked questions kept, news on demand. Runs in the page, so it must be self-contained. */
function standInBridge(stage: Record<string, unknown>): void {
  const page = window as unknown as StageWindow;
  const listeners = new Map<string, Set<(body: unknown) => void>>();
  const waiting = new Map<string, ((reply: unknown) => void)[]>();
  page.asked = [];
  page.app = {
    ask(name, input) {
      page.asked.push({ name, input });
      if (name in stage) return Promise.resolve(structuredClone(stage[name]));
      return new Promise((resolve) => waiting.set(name, [...(waiting.get(name) ?? []), resolve]));
    },
    hear(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
  };
  page.tellPage = (name, body) => {
    for (const listener of listeners.get(name) ?? []) listener(body);
  };
  page.answerNow = (name, reply) => {
    stage[name] = reply;
    for (const resolve of waiting.get(name) ?? []) resolve(structuredClone(reply));
    waiting.delete(name);
  };
}

/** Opens the built window on a stage. */
export async function openStage(page: Page, stage: Stage): Promise<void> {
  await servePage(page);
  await page.addInitScript(standInBridge, stage);
  await page.goto(`${origin}/`);
}

export async function answer<N extends AskName>(page: Page, name: N, reply: Result<AskOut<N>>): Promise<void> {
  await page.evaluate(([asked, value]) => (window as unknown as StageWindow).answerNow(asked as string, value), [name, reply] as const);
}

export async function tell<N extends TellName>(page: Page, name: N, body: TellBody<N>): Promise<void> {
  await page.evaluate(([told, value]) => (window as unknown as StageWindow).tellPage(told as string, value), [name, body] as const);
}

export const asked = (page: Page): Promise<{ name: string; input: unknown }[]> => page.evaluate(() => (window as unknown as StageWindow).asked);
