// SPDX-License-Identifier: GPL-3.0-or-later

/** Language and its keyboard as Windows Setup counts them: LANGID, twice (Microsoft Learn, "Default input profiles in Windows"). */
const languageIds: Readonly<Record<string, string>> = {
  'cs-CZ': '0405',
  'da-DK': '0406',
  'de-CH': '0807',
  'de-DE': '0407',
  'el-GR': '0408',
  'en-GB': '0809',
  'en-US': '0409',
  'es-ES': '0c0a',
  'es-MX': '080a',
  'fi-FI': '040b',
  'fr-CA': '0c0c',
  'fr-CH': '100c',
  'fr-FR': '040c',
  'hu-HU': '040e',
  'it-IT': '0410',
  'ja-JP': '0411',
  'ko-KR': '0412',
  'nb-NO': '0414',
  'nl-BE': '0813',
  'nl-NL': '0413',
  'pl-PL': '0415',
  'pt-BR': '0416',
  'pt-PT': '0816',
  'ro-RO': '0418',
  'ru-RU': '0419',
  'sv-SE': '041d',
  'tr-TR': '041f',
  'uk-UA': '0422',
  'zh-CN': '0804',
  'zh-TW': '0404',
};
/** Keyboards whose number is not the language's own: Spain's is counted as 040a. */
const keyboardIds: Readonly<Record<string, string>> = { 'es-ES': '0000040a' };

export const keyboards = Object.keys(languageIds);
export const keyboardOf = (language: string): string => `${languageIds[language] ?? '0409'}:${keyboardIds[language] ?? `0000${languageIds[language] ?? '0409'}`}`;

/** Windows' name of a time zone for the most used zones of each (Unicode CLDR, windowsZones.xml, territory 001 and the larger cities). */
const zones: Readonly<Record<string, readonly string[]>> = {
  UTC: ['Etc/UTC', 'UTC'],
  'GMT Standard Time': ['Europe/London', 'Europe/Dublin', 'Europe/Lisbon'],
  'W. Europe Standard Time': ['Europe/Berlin', 'Europe/Amsterdam', 'Europe/Rome', 'Europe/Stockholm', 'Europe/Vienna', 'Europe/Zurich', 'Europe/Oslo'],
  'Romance Standard Time': ['Europe/Paris', 'Europe/Madrid', 'Europe/Brussels', 'Europe/Copenhagen'],
  'Central Europe Standard Time': ['Europe/Budapest', 'Europe/Prague', 'Europe/Belgrade', 'Europe/Bratislava', 'Europe/Ljubljana'],
  'Central European Standard Time': ['Europe/Warsaw', 'Europe/Zagreb', 'Europe/Sarajevo'],
  'FLE Standard Time': ['Europe/Kyiv', 'Europe/Kiev', 'Europe/Helsinki', 'Europe/Riga', 'Europe/Sofia', 'Europe/Tallinn', 'Europe/Vilnius'],
  'GTB Standard Time': ['Europe/Bucharest', 'Europe/Athens'],
  'Turkey Standard Time': ['Europe/Istanbul'],
  'Russian Standard Time': ['Europe/Moscow', 'Europe/Simferopol'],
  'Arabian Standard Time': ['Asia/Dubai'],
  'India Standard Time': ['Asia/Kolkata', 'Asia/Calcutta'],
  'SE Asia Standard Time': ['Asia/Bangkok', 'Asia/Jakarta', 'Asia/Ho_Chi_Minh', 'Asia/Saigon'],
  'China Standard Time': ['Asia/Shanghai', 'Asia/Hong_Kong', 'Asia/Macau'],
  'Taipei Standard Time': ['Asia/Taipei'],
  'Singapore Standard Time': ['Asia/Singapore', 'Asia/Kuala_Lumpur', 'Asia/Manila'],
  'Tokyo Standard Time': ['Asia/Tokyo'],
  'Korea Standard Time': ['Asia/Seoul'],
  'AUS Eastern Standard Time': ['Australia/Sydney', 'Australia/Melbourne'],
  'W. Australia Standard Time': ['Australia/Perth'],
  'New Zealand Standard Time': ['Pacific/Auckland'],
  'Hawaiian Standard Time': ['Pacific/Honolulu'],
  'Alaskan Standard Time': ['America/Anchorage'],
  'Pacific Standard Time': ['America/Los_Angeles', 'America/Vancouver'],
  'Mountain Standard Time': ['America/Denver', 'America/Edmonton'],
  'Central Standard Time': ['America/Chicago', 'America/Winnipeg'],
  'Central Standard Time (Mexico)': ['America/Mexico_City'],
  'Eastern Standard Time': ['America/New_York', 'America/Toronto', 'America/Detroit'],
  'Atlantic Standard Time': ['America/Halifax'],
  'SA Pacific Standard Time': ['America/Bogota', 'America/Lima'],
  'E. South America Standard Time': ['America/Sao_Paulo'],
  'Argentina Standard Time': ['America/Argentina/Buenos_Aires', 'America/Buenos_Aires'],
  'South Africa Standard Time': ['Africa/Johannesburg'],
  'Egypt Standard Time': ['Africa/Cairo'],
};

export const timeZones = Object.keys(zones);
export const timeZoneOf = (iana: string): string => timeZones.find((name) => zones[name]?.includes(iana)) ?? 'UTC';
