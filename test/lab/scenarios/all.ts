// SPDX-License-Identifier: GPL-3.0-or-later
import type { Scenario } from '../scenario';
import { agreeScenarios } from './agree';
import { applyScenarios } from './apply';
import { bindScenarios } from './bind';
import { deviceScenarios } from './devices';
import { handOffScenarios } from './hand-off';
import { polkitScenarios } from './polkit';
import { powerScenarios } from './power';
import { restoreScenarios } from './restore';
import { singleCardScenarios } from './single-card';
import { startScenarios } from './start';
import { trialScenarios } from './trial';
import { vmScenarios } from './vm';

export const scenarios: readonly Scenario[] = [...bindScenarios, ...agreeScenarios, ...deviceScenarios, ...polkitScenarios, ...startScenarios, ...applyScenarios, ...trialScenarios, ...restoreScenarios, ...powerScenarios, ...handOffScenarios, ...singleCardScenarios, ...vmScenarios];
