// SPDX-License-Identifier: GPL-3.0-or-later
import type { read as english } from '../en/read';

export const read: Readonly<Record<keyof typeof english, string>> = {
  'problem.bad-input.nothing-recognised': '这段文字里没有任何内容像是 Switchyard 认识的命令输出。',
  'problem.bad-input.two-machines': '第 {line} 行给 {address} 的编号与前面的行不同：这段文字似乎来自两台电脑。',
};
