// SPDX-License-Identifier: GPL-3.0-or-later

/** A file in the guest that tells, through the guest agent, that the set-up has ended. */
export const doneFile = 'C:\\switchyard-setup.done';

/**
 * What runs once at the first logon: drivers and guest agent from the drivers' disc, found by what is on it because letters move;
 * sleep, hibernation and fast start-up off, which would leave a given card half switched on. Ends with a restart.
 */
export function firstLogon(): string {
  return [
    '@echo off',
    'setlocal EnableExtensions',
    'set LOG=%SystemDrive%\\switchyard-setup.log',
    'echo [%date% %time%] begin >> "%LOG%"',
    'for %%d in (D E F G H) do (',
    '  if exist %%d:\\virtio-win-guest-tools.exe start /wait "" "%%d:\\virtio-win-guest-tools.exe" /install /quiet /norestart',
    '  if not exist %%d:\\virtio-win-guest-tools.exe if exist %%d:\\virtio-win-gt-x64.msi start /wait "" msiexec.exe /i "%%d:\\virtio-win-gt-x64.msi" /qn /norestart ADDLOCAL=ALL',
    '  if not exist %%d:\\virtio-win-guest-tools.exe if exist %%d:\\guest-agent\\qemu-ga-x86_64.msi start /wait "" msiexec.exe /i "%%d:\\guest-agent\\qemu-ga-x86_64.msi" /qn /norestart',
    ')',
    'powercfg /hibernate off',
    'powercfg /change standby-timeout-ac 0',
    'powercfg /change monitor-timeout-ac 0',
    'reg.exe add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Power" /v HiberbootEnabled /t REG_DWORD /d 0 /f',
    'echo [%date% %time%] end >> "%LOG%"',
    'echo done > %SystemDrive%\\switchyard-setup.done',
    'shutdown.exe /r /t 5',
    '',
  ].join('\r\n');
}
