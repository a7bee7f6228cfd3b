// SPDX-License-Identifier: GPL-3.0-or-later
import type { history as english } from '../en/history';

export const history: Readonly<Record<keyof typeof english, string>> = {
  'history.title': 'Switchyard 在这台电脑上做过的事',
  'history.title-all': 'Switchyard 做过的事（包括演练）',
  'history.empty': '还没有记录：Switchyard 没有在这里做过任何更改。',
  'history.set-aside': '以往更改的列表已损坏，现已另存为 {aside}，并根据还原点重新生成；电脑本身不受影响。',
  'history.without-names': '仅根据还原点显示，没有显卡名称。',
  'history.steps': '{count, plural, other {# 个步骤}}',
  'history.restart': '电脑需要重新启动，运行中的系统才会变成这样。',
  'history.way-back': '恢复方法：{line}',
  'history.outcome.open': '尚未完成',
  'history.outcome.waiting': '重启后等待你的答复',
  'history.outcome.kept': '已保留',
  'history.outcome.undone': '已撤销：电脑与之前一样',
  'history.outcome.cancelled': '由你中止，并已恢复原状',
  'history.outcome.failed': '没有成功，已恢复原状',
  'history.outcome.undo-incomplete': '有一部分未能恢复',
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
