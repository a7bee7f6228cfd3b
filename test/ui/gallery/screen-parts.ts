// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { ok, type Result } from '../../../contract/problem';
import type { RunState } from '../../../contract/run';
import type { AppState, AskOut } from '../../../contract/ui';
import { noon } from './machines';
import type { Stage } from './stage';

export type Look = AskOut<'machine.look'>;
export const id = (text: string): Look['entry']['machine'] => text as Look['entry']['machine'];
export const transaction = '0123456789abcdef' as NonNullable<RunState['transaction']>;
export const noHistory: Result<AskOut<'history.list'>> = ok({ entries: [], setAside: false });

export function stateOf(look: Look, runs: readonly RunState[] = []): AppState {
  const here: Look['entry'] = { machine: id('this'), kind: 'this', name: 'Workstation', opened: noon, of: null };
  const machines = look.entry.machine === 'this' ? [look.entry] : [here, look.entry];
  return { version: '0.1.0', door: 'electron', why: null, settings: { language: 'system', theme: 'system', keepRunning: false, shortcut: 'off', shortcutState: 'off' }, systemLanguage: 'en', helper: look.helper, machines, current: look.entry.machine, runs: [...runs] };
}

export const onMachine = (look: Look, more: Stage = {}): Stage => ({ 'app.state': ok(stateOf(look)), 'machine.look': ok(look), 'history.list': noHistory, ...more });

export const press = (page: Page, selector: string): Promise<void> => page.locator(selector).first().click();
export const place = (page: Page, index: number): Promise<void> => page.locator('.stepper li button').nth(index).click();
export const pick = async (page: Page, gpu: string): Promise<void> => {
  await place(page, 1);
  await page.locator(`input[type=radio][value="${gpu}"]`).check();
};
