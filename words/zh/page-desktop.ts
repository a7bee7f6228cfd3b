// SPDX-License-Identifier: GPL-3.0-or-later
import type { pageDesktop as english } from '../en/page-desktop';

export const pageDesktop: Readonly<Record<keyof typeof english, string>> = {
  'window.shortcut': '显卡快捷键',
  'window.shortcut.off': '无',
  'window.shortcut.means': '在任何程序中都可用它交出或收回显卡。',
  'window.shortcut.refused': '桌面没有给出这个按键，可能已被其他程序占用。',
  'window.shortcut.asked': '已向桌面申请这个按键。桌面可能会先询问您；实际按键以桌面的设置为准。',
  'window.keep-running': '关闭窗口后继续运行',
  'window.keep-running.means': '保留面板图标和快捷键。要再次看到窗口，请重新启动 Switchyard。',
};
