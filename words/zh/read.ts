// SPDX-License-Identifier: GPL-3.0-or-later
import type { read as english } from '../en/read';

export const read: Readonly<Record<keyof typeof english, string>> = {
  'read.kind.lspci': 'PCI 设备（lspci）',
  'read.kind.groups': 'IOMMU 分组',
  'read.kind.kernel-log': '内核消息',
  'read.kind.kernel-arguments': '内核命令行',
  'read.kind.distribution': '发行版',
  'read.kind.cpu': '处理器',
  'read.kind.machine': '电脑的厂商与形态',
  'read.kind.sysfs': 'sysfs 中的值',
  'read.kind.machine-file': '一台记录下来的机器',
  'read.kind.not-understood': '无法归类的行',
  'read.missing.functions': '完整的 PCI 设备列表',
  'read.missing.ids': '设备编号：该列表生成时没有使用 -nn',
  'read.missing.drivers': '每个设备使用的驱动',
  'read.missing.groups': '每个设备所在的 IOMMU 分组',
  'read.missing.groups-contradict': '前后一致的 IOMMU 分组列表：有设备同时出现在两个分组里',
  'read.missing.boot-display': '电脑启动时使用的显卡',
  'read.missing.kernel-arguments': '内核启动时的参数',
  'read.missing.kernel-log': '本次启动的内核消息',
  'read.missing.chassis': '这是笔记本还是台式机',
  'read.missing.distribution': '这是哪个发行版',
  'problem.bad-input.nothing-recognised': '这段文字里没有任何内容像是 Switchyard 认识的命令输出。',
  'problem.bad-input.two-machines': '第 {line} 行给 {address} 的编号与前面的行不同：这段文字似乎来自两台电脑。',
};
