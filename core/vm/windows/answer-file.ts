// SPDX-License-Identifier: GPL-3.0-or-later
import type { WindowsAnswers } from '../../../contract/vm-windows';
import { drawXml, element, worded, type Drawn } from '../xml/draw';
import { hiddenPassword } from './password';

/** Folder of our own on the answer disc. */
export const answerFolder = 'switchyard';

const on = (value: boolean): string => (value ? 'true' : 'false');

/** The answer file of an unattended Windows Setup (`autounattend.xml`): disk, drivers, local account. UAC, TPM and Secure Boot stay on. */
export function answerFile(answers: WindowsAnswers): string {
  const passes = [
    element('settings', { pass: 'windowsPE' }, [languages('Microsoft-Windows-International-Core-WinPE', answers, true), setupDrivers(answers), setup(answers)]),
    element('settings', { pass: 'specialize' }, [named(answers), deployment(), ...(answers.remoteDesktop ? remoteDesktop() : [])]),
    element('settings', { pass: 'oobeSystem' }, [languages('Microsoft-Windows-International-Core', answers, false), welcome(answers)]),
  ];
  const spaces = { xmlns: 'urn:schemas-microsoft-com:unattend', 'xmlns:wcm': 'http://schemas.microsoft.com/WMIConfig/2002/State' };
  return `<?xml version="1.0" encoding="utf-8"?>\n${drawXml(element('unattend', spaces, passes))}`;
}

const component = (name: string, children: readonly (Drawn | null)[]): Drawn =>
  element('component', { name, processorArchitecture: 'amd64', publicKeyToken: '31bf3856ad364e35', language: 'neutral', versionScope: 'nonSxS' }, children);
const added = (name: string, children: readonly Drawn[], key?: string | number): Drawn => element(name, { 'wcm:action': 'add', 'wcm:keyValue': key }, children);

function languages(name: string, { language, keyboard }: WindowsAnswers, setupScreens: boolean): Drawn {
  return component(name, [
    setupScreens ? element('SetupUILanguage', {}, [worded('UILanguage', language)]) : null,
    worded('InputLocale', keyboard),
    worded('SystemLocale', language),
    worded('UILanguage', language),
    worded('UserLocale', language),
  ]);
}

/** Letters depend on how many drives there are, so each likely one is named; Setup passes over those that are not there. */
function setupDrivers({ drivers }: WindowsAnswers): Drawn {
  const paths = ['viostor', 'vioscsi', 'NetKVM'].flatMap((driver) => ['D', 'E', 'F', 'G'].map((letter) => `${letter}:\\${driver}\\${drivers}\\amd64`));
  return component('Microsoft-Windows-PnpCustomizationsWinPE', [element('DriverPaths', {}, paths.map((path, at) => added('PathAndCredentials', [worded('Path', path)], at + 1)))]);
}

function setup(answers: WindowsAnswers): Drawn {
  return component('Microsoft-Windows-Setup', [
    answers.skipChecks ? element('RunSynchronous', {}, withoutChecks()) : null,
    disk(),
    element('ImageInstall', {}, [
      element('OSImage', {}, [
        element('InstallFrom', {}, [added('MetaData', [worded('Key', '/IMAGE/NAME'), worded('Value', answers.image)])]),
        element('InstallTo', {}, [worded('DiskID', 0), worded('PartitionID', 3)]),
        worded('WillShowUI', 'OnError'),
      ]),
    ]),
    element('DynamicUpdate', {}, [worded('Enable', 'false'), worded('WillShowUI', 'Never')]),
    element('UserData', {}, [
      worded('AcceptEula', 'true'),
      worded('FullName', answers.user),
      productKey(answers),
    ]),
  ]);
}

/** Microsoft's public key for Pro: it chooses the edition and activates nothing. */
const genericPro = 'VK7JG-NPHTM-C97JM-9MPGT-3V66T';

function productKey({ key, image }: WindowsAnswers): Drawn {
  const used = key ?? (/^Windows 1[01] Pro$/.test(image) ? genericPro : null);
  return element('ProductKey', {}, [used === null ? null : worded('Key', used), worded('WillShowUI', 'OnError')]);
}

const command = (order: number, path: string): Drawn => added('RunSynchronousCommand', [worded('Order', order), worded('Path', path)]);
const withoutChecks = (): Drawn[] => ['BypassTPMCheck', 'BypassSecureBootCheck'].map((name, at) => command(at + 1, `reg.exe add HKLM\\SYSTEM\\Setup\\LabConfig /v ${name} /t REG_DWORD /d 1 /f`));

/** The first disk is wiped, so exactly one disk may be attached while Setup runs. EFI 300 MiB, reserved 16 MiB, Windows the rest. */
function disk(): Drawn {
  const create = (order: number, type: string, size: Drawn): Drawn => added('CreatePartition', [worded('Order', order), worded('Type', type), size]);
  const modify = (order: number, ...more: readonly Drawn[]): Drawn => added('ModifyPartition', [worded('Order', order), worded('PartitionID', order), ...more]);
  return element('DiskConfiguration', {}, [
    worded('WillShowUI', 'OnError'),
    added('Disk', [
      worded('DiskID', 0),
      worded('WillWipeDisk', 'true'),
      element('CreatePartitions', {}, [create(1, 'EFI', worded('Size', 300)), create(2, 'MSR', worded('Size', 16)), create(3, 'Primary', worded('Extend', 'true'))]),
      element('ModifyPartitions', {}, [
        modify(1, worded('Label', 'System'), worded('Format', 'FAT32')),
        modify(2),
        modify(3, worded('Label', 'Windows'), worded('Letter', 'C'), worded('Format', 'NTFS')),
      ]),
    ]),
  ]);
}

const named = ({ computer, timeZone }: WindowsAnswers): Drawn => component('Microsoft-Windows-Shell-Setup', [worded('ComputerName', computer), worded('TimeZone', timeZone)]);

/** Without the second line Windows encrypts the disk by itself because a TPM is there, and the key would lie nowhere. */
const deployment = (): Drawn =>
  component('Microsoft-Windows-Deployment', [
    element('RunSynchronous', {}, [
      command(1, 'reg.exe add "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\OOBE" /v BypassNRO /t REG_DWORD /d 1 /f'),
      command(2, 'reg.exe add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\BitLocker" /v PreventDeviceEncryption /t REG_DWORD /d 1 /f'),
    ]),
  ]);

const remoteDesktop = (): Drawn[] => [
  component('Microsoft-Windows-TerminalServices-LocalSessionManager', [worded('fDenyTSConnections', 'false')]),
  component('Networking-MPSSVC-Svc', [element('FirewallGroups', {}, [added('FirewallGroup', [worded('Active', 'true'), worded('Profile', 'all'), worded('Group', '@FirewallAPI.dll,-28752')], 'RemoteDesktop')])]),
];

function welcome({ user, password }: WindowsAnswers): Drawn {
  const hidden = element('Password', {}, [worded('Value', hiddenPassword(password, 'Password')), worded('PlainText', 'false')]);
  const hide = ['HideEULAPage', 'HideLocalAccountScreen', 'HideOEMRegistrationScreen', 'HideOnlineAccountScreens', 'HideWirelessSetupInOOBE'];
  const letters = 'D E F G H';
  return component('Microsoft-Windows-Shell-Setup', [
    element('OOBE', {}, [...hide.map((name) => worded(name, on(true))), worded('ProtectYourPC', 3)]),
    element('UserAccounts', {}, [element('LocalAccounts', {}, [added('LocalAccount', [worded('Name', user), worded('Group', 'Administrators'), hidden])])]),
    element('AutoLogon', {}, [worded('Enabled', 'true'), worded('LogonCount', 2), worded('Username', user), hidden]),
    element('FirstLogonCommands', {}, [
      added('SynchronousCommand', [
        worded('Order', 1),
        worded('Description', 'Set up the guest from the answer disc'),
        worded('CommandLine', `cmd.exe /d /c for %d in (${letters}) do @if exist %d:\\${answerFolder}\\first.cmd call %d:\\${answerFolder}\\first.cmd %d:`),
      ]),
    ]),
  ]);
}
