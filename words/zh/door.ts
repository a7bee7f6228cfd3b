// SPDX-License-Identifier: GPL-3.0-or-later
import type { door as english } from '../en/door';

export const door: Readonly<Record<keyof typeof english, string>> = {
  'door.opened': 'Switchyard 已在浏览器中打开。如果没有出现窗口，请打开这个只能使用一次的地址：{url}',
  'door.address': '请打开这个只能使用一次的地址：{url}（从另一台电脑访问时，先运行：ssh -L {port}:127.0.0.1:{port} {host}）',
  'door.again': '最后一个页面已关闭。要返回，请打开这个只能使用一次的地址：{url}',
  'door.rounds-over': '测试已结束：共 {wanted} 次，完成 {through} 次。',
  'door.still-runs': '{name} 没有关机，显卡仍归它使用。',
  'door.tray-open': '打开 Switchyard',
  'door.tray-quit': '退出',
  'door.tray-over': '把显卡交给 {name}',
  'door.tray-over-single': '把显卡交给 {name}…',
  'door.tray-back': '从 {name} 收回显卡',
  'door.tray-giving': '正在把显卡交给 {name}…',
  'door.tray-taking': '正在从 {name} 收回显卡…',
  'door.tray-testing': '正在用 {name} 测试…',
  'door.tray-stuck': '{name}：有驱动挂起…',
  'door.tip-home': 'Switchyard：显卡在本机',
  'door.tip-away': 'Switchyard：显卡正由虚拟机使用',
  'door.tip-attention': 'Switchyard：显卡需要处理',
  'door.action-over': '交出显卡',
  'door.action-back': '收回显卡',
  'door.keeps-running': '它会继续运行。再次启动即可看到窗口，也可以从面板图标退出。',
  'door.close-title': 'Switchyard 正在更改这台电脑',
  'door.close-question': '如果现在关闭，Switchyard 会先完成手头的步骤，再把一切恢复原状。',
  'door.close-stay': '留下，让它完成',
  'door.close-stop': '恢复原状并关闭',
};
