// SPDX-License-Identifier: GPL-3.0-or-later
import type { cli as english } from '../en/cli';

export const cli: Readonly<Record<keyof typeof english, string>> = {
  'cli.usage': `Switchyard - 把显卡交给虚拟机，再拿回来

用法：switchyard 命令 [选项]

查看（不需要密码，不改动任何东西）
  scan                     Switchyard 看到的这台电脑
  assess                   评估这台电脑：能否交出显卡、怎样交出
  assess --machine 文件    评估一台已记录的电脑（JSON）
  assess --text 文件       评估粘贴的文本：lspci、IOMMU 组、dmesg（“-” 读取标准输入）
  vm ...                   为这台电脑设计虚拟机：模式、布局、配方、XML、光盘

演练与记录
  rehearse 机器            在内存中的机器上完整走一遍更改
  history [--all]          Switchyard 在这台（或所有）电脑上做过什么
  compare 还原点 [还原点]  比较两个还原点，或还原点与现在
  check                    检查保留的更改是否仍然成立

更改这台机器（需要管理员密码；也可通过 ssh）
  plan 愿望                分阶段显示将要做的事；不更改任何东西
  apply 愿望 [--yes]       显示、询问，然后执行；Ctrl-C 会全部恢复
  undo [更改] [--yes]      恢复某项更改之前的样子
                           愿望：dedicate 显卡、release 显卡、enable-iommu、on-demand 显卡、
                           single-card 显卡、
                           move-now 显卡 vfio-pci|host、huge-pages 数量、vm-host 需要……

回答试用启动
  status                   有什么等待回答，以及检查的结果
  keep                     保留试用的设置（需要管理员密码）
  go-back                  结束试用；以后每次启动都是原来的启动
  card [名称]              写在一行里的恢复方法，可拍照或打印

把显卡移交给虚拟机及收回
  hand-off 虚拟机 [--yes]  启动虚拟机；显卡逐步移交；要结束桌面时先询问
  take-back 虚拟机         正常关闭虚拟机并收回显卡（--wait 秒、--force）
  status --watch           随时显示正在移动的显卡

回到较早状态（需要管理员密码）
  point --reason 说明      创建还原点；不更改任何东西
  restore 还原点 [--yes]   显示回到还原点的方法，并执行

选项
  --json                   输出一个 JSON 对象（说明见 docs/json.md）
  --lang en|zh             文字的语言；默认取自环境
  --why                    与 assess 一起使用：显示每条结论背后的证据
  --help, --version

退出码：0 已回答，64 用法错误，65 无法理解输入，66 没有可读取或可回答的内容，
69 缺少 helper，70 Switchyard 自身的错误或撤销不完整，77 被拒绝`,
  'apply.usage': '用法：switchyard plan|apply 愿望 [--yes] [--json]，愿望是下列之一：dedicate 显卡 [--lose-only-screen] [--card 显卡]；release 显卡；on-demand 显卡；single-card 显卡 [--restart-when-stuck]；move-now 显卡 vfio-pci|host；enable-iommu；huge-pages 数量 [--size 2M|1G] [--now]；vm-host account|network|cards|session|evdev|looking-glass ……显卡是“switchyard assess”中的地址，例如 01:00.0',
  'apply.nothing': '电脑已经是所要的样子，无需更改。',
  'apply.no-card': '该地址上没有显卡。“switchyard assess”会列出它们。',
  'apply.more-lines': '（另有 {count} 行；--json 包含全部）',
  'apply.hidden': '{path}：你没有权限读取这个文件；管理员的助手只更改其中我们自己的行。',
  'apply.ask': '执行吗？[y/N]',
  'apply.ask-dark': '下一次启动后屏幕可能没有画面；恢复的办法列在上面。执行吗？[y/N]',
  'apply.ask-desktop': '此后每次启动它的虚拟机都会结束桌面；恢复的办法列在上面。要执行吗？[y/N]',
  'apply.type-card': '不会留下任何屏幕，也没有应答的 ssh 服务器。要继续，请输入显卡的地址（{card}）：',
  'apply.not-typed': '这不是显卡的地址。没有更改任何东西。没有终端时：--card {card} --yes',
  'apply.say-yes': '没有更改任何东西：终端前没有人可以询问。加上 --yes 再运行一次即可执行。',
  'apply.not-done': '没有更改任何东西。',
  'apply.progress.changing': '[{index}/{count}] {title}',
  'apply.progress.verified': '[{index}/{count}] 完成，并已再次查看',
  'apply.progress.undone': '[{index}/{count}] 已恢复：{title}',
  'apply.progress.left': '[{index}/{count}] 无法恢复：{title}',
  'apply.stopping': '正在停止：先完成手上的步骤，然后全部恢复。',
  'apply.left': '未恢复：{steps}',
  'apply.done': '完成。“switchyard undo”可以撤销。',
  'apply.done-restart': '完成。从下一次启动起对运行中的系统生效。“switchyard undo”可以撤销。',
  'apply.done-trial': '已准备好。平常的启动保持原样；下一次启动试用这项更改一次。',
  'apply.trial-goes-on': '方便时重新启动：systemctl reboot。之后再次登录，用“switchyard status”查看检查结果。“switchyard keep”会保留它；“switchyard go-back”，或者不回答并再重启一次，则回到原来的启动。',
  'undo.usage': '用法：switchyard undo [更改] [--yes] [--json]；更改是“switchyard history”中的编号',
  'undo.none': '没有可以恢复的更改。',
  'undo.title': '恢复 {when} 的更改 {transaction}（{intent}）：',
  'undo.done': '已恢复：一切与更改之前一样。',
  'undo.done-restart': '已恢复。请重新启动电脑：现在运行的系统是在此之前启动的。',
  'undo.script': '在文本控制台上，以 root 身份：',
  'cli.unknown-command': '没有“{name}”这个命令。“switchyard --help” 会列出全部命令。',
  'cli.bad-option': '选项不对：{why}。“switchyard --help” 会列出全部选项。',
  'cli.one-source': '--machine 和 --text 只能给一个。',
  'cli.cannot-read': '无法读取文件 {file}（{why}）。请检查文件名和权限。',
  'cli.too-large': '文件 {file} 大于 {limit} MiB。请只提供 lspci、IOMMU 组和内核日志的输出。',
  'cli.expected': '在 {place} 处应为 {wanted}。',
  'cli.paste': '请粘贴 “{command}” 的输出。',
  'cli.language': '语言只能是 “en” 或 “zh”。',
  'cli.bug': 'Switchyard 在这里有一个错误（{name}）。没有改动任何东西。请附上 “switchyard scan --json” 的输出进行报告。',

  'cli.start-fetching': '正在获取窗口程序（Electron），只需一次，最多一分半钟。',
  'cli.start-root': 'Switchyard 以 root 身份运行，因此不打开自己的窗口：同样的页面提供给浏览器。',
  'cli.start-no-display': '这里没有显示器：同样的页面提供给浏览器。',
  'cli.start-no-electron': '无法获取 Electron，同样的窗口将在浏览器中打开。',
  'cli.start-electron-ended': 'Electron 立即退出（代码 {code}），同样的窗口将在浏览器中打开。',

  'cli.title-assess': '这台电脑的评估',
  'cli.title-assess-other': '已记录电脑的评估',
  'cli.title-assess-text': '粘贴文本的评估',
  'cli.title-scan': 'Switchyard 看到的这台电脑',
  'cli.looked-only': 'Switchyard 只是查看，没有改动任何东西。',
  'cli.next': '下一步',
  'cli.why': '原因',
  'cli.checks': '检查项',
  'cli.cards': '显卡',
  'cli.no-cards': '没有找到显卡。',
  'cli.ways': '方式',
  'cli.moves': '一起移动',
  'cli.stays': '留在这台电脑',
  'cli.blocks': '阻碍',
  'cli.group': 'IOMMU 组',
  'cli.no-group': '未看到',
  'cli.missing': '输入中缺少',
  'cli.missing-line': '{what}：请粘贴 “{command}” 的输出',
  'cli.missing-bare': '{what}',
  'cli.nothing': '无',
  'cli.weight-good': '就绪',
  'cli.weight-note': '值得了解',
  'cli.weight-warn': '小心',
  'cli.weight-stop': '到此为止',
  'cli.possible-yes': '可以',
  'cli.possible-conditional': '可以，但有条件',
  'cli.possible-no': '不行',
  'cli.possible-unknown': '无法判断',
  'cli.way-dedicated': '专用',
  'cli.way-on-demand': '按需',
  'cli.way-single-card': '单卡',
  'cli.way-mdev': '中介设备（vGPU）',
  'cli.way-sriov': 'SR-IOV 虚拟功能',
  'cli.way-virtio-gpu': 'virtio-gpu',
  'cli.way-emulated': '模拟 VGA',

  'cli.unknown': '未知',
  'cli.yes': '是',
  'cli.no': '否',
  'cli.machine': '电脑',
  'cli.product': '产品',
  'cli.board': '主板',
  'cli.chassis': '形态',
  'cli.virtualised': '运行于',
  'cli.firmware': '固件',
  'cli.firmware-line': '{mode}，安全启动 {secure}，锁定 {lockdown}',
  'cli.processor': '处理器',
  'cli.processor-line': '{model}（{packages} 个封装，{cores} 个核心，{threads} 个线程）',
  'cli.memory': '内存',
  'cli.memory-line': '{total} GiB，{nodes} 个 NUMA 节点',
  'cli.system': '系统',
  'cli.kernel': '内核',
  'cli.arguments': '内核参数',
  'cli.loader': '引导程序',
  'cli.generator': 'Initramfs',
  'cli.iommu': 'IOMMU',
  'cli.iommu-on': '{units}，{groups} 个组，中断重映射 {remapping}',
  'cli.iommu-none': '没有 IOMMU 组',
  'cli.devices': 'PCI 功能',
  'cli.display': '显示',
  'cli.display-line': '启动显示 {boot}，会话 {session}，管理器 {manager}',
  'cli.tools': '虚拟化',
  'cli.tools-line': 'kvm 设备可打开：{kvm}；libvirt {libvirt}；QEMU {qemu}；OVMF {ovmf}；swtpm {swtpm}',
  'cli.absent': '未找到',
  'cli.ungrouped': '不在任何组中',
};
