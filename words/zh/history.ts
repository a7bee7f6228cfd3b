// SPDX-License-Identifier: GPL-3.0-or-later
import type { history as english } from '../en/history';

export const history: Readonly<Record<keyof typeof english, string>> = {
  'problem.unreadable.history-runtime': '以往更改的列表需要比 {version} 更新的 Node.js。',
  'problem.unreadable.history-newer':
    '以往更改的列表由更新版本的 Switchyard 写成（版本 {version}；本程序认识 {known}）。文件保持原样。',
  'problem.unreadable.history-full': '磁盘上没有空间存放以往更改的列表。',
  'problem.unreadable.history-read-only': '无法写入以往更改的列表：其文件或文件夹是只读的。',
  'problem.unreadable.history-denied': '你没有权限打开以往更改的列表。',
  'problem.unreadable.history-busy': '另一个 Switchyard 正在写入以往更改的列表。',
  'problem.unreadable.history-disk': '读写以往更改的列表时，磁盘报告了错误。',
  'problem.unreadable.history-place': '本应存放以往更改列表的位置上是别的东西。',
};
