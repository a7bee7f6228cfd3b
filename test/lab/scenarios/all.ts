// SPDX-License-Identifier: GPL-3.0-or-later
import type { Scenario } from '../scenario';
import { agreeScenarios } from './agree';
import { bindScenarios } from './bind';
import { startScenarios } from './start';

export const scenarios: readonly Scenario[] = [...bindScenarios, ...agreeScenarios, ...startScenarios];
