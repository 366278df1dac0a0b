import type { GroupMapLocation } from '../config/config.ts';
import { mapName } from '../config/group-map-source.ts';
import type { GroupMapWarning } from '../plan/group-map-warnings.ts';

/** What one check found. Everything but `ok` says what it means and what to do. */
export type Finding =
  | { readonly level: 'ok'; readonly subject: string; readonly found: string }
  | {
      readonly level: 'warning' | 'failure';
      readonly subject: string;
      readonly found: string;
      readonly meaning: string;
      readonly remedy: string;
    };

export const ok = (subject: string, found: string): Finding => ({ level: 'ok', subject, found });

export type Trouble = { readonly found: string; readonly meaning: string; readonly remedy: string };

export const warning = (subject: string, trouble: Trouble): Finding => ({
  level: 'warning',
  subject,
  ...trouble,
});

export const failure = (subject: string, trouble: Trouble): Finding => ({
  level: 'failure',
  subject,
  ...trouble,
});

/** What is seldom meant in the map, at its place. */
export function fromMap(map: GroupMapLocation, found: GroupMapWarning): Finding {
  return warning('group map', {
    found: `${mapName(map)}:${found.line}:${found.column}: ${found.found}`,
    meaning: `${found.meaning}.`,
    remedy: `${found.remedy}.`,
  });
}
