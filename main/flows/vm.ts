// SPDX-License-Identifier: GPL-3.0-or-later
import { failed } from '../../contract/problem';
import type { vmAsks } from '../../contract/vm-asks';
import type { Answers } from '../dispatch';

type Part = Pick<Answers, keyof typeof vmAsks>;

/** The table is agreed; what answers it follows in the next commits. */
export const vmAnswers = (): Part => {
  const later = () => failed('unsupported-host', { what: 'vm' });
  return {
    'vm.list': later,
    'vm.choices': later,
    'vm.disc': later,
    'vm.draft': later,
    'vm.draw': later,
    'vm.check': later,
    'vm.xml': later,
    'vm.apply': later,
    'vm.undo': later,
    'vm.act': later,
    'vm.guest': later,
    'vm.console': later,
    'vm.open-viewer': later,
    'vm.stream-open': later,
    'vm.stream-read': later,
    'vm.stream-write': later,
    'vm.stream-close': later,
  };
};
