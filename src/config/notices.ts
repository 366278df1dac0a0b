import { isSlip, nearest } from '../plan/nearest.ts';
import { fileVariableOf, SETTINGS, type Values } from './settings.ts';

/** Settings of the predecessor that have no meaning here. */
const IGNORED: ReadonlySet<string> = new Set(['AUTHENTIK_API_URL', 'AUTHENTIK_TOKEN']);
const OUR_PREFIX = /^(WEBHOOK|MATRIX|MAS|IDP|GROUP|RESYNC|PROTECTED|REMOVAL)_/;
/** Kubernetes and Docker links describe a service called "matrix" as MATRIX_SERVICE_HOST, MATRIX_PORT_8008_TCP … */
const SERVICE_LINK = /_(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP)\w*)?)$/;

/** What a person may want to know about variables that have no effect; sorted, and without any value. */
export function environmentNotices(names: readonly string[]): readonly string[] {
  const settings = Object.keys(SETTINGS);
  const known = [...settings, ...settings.flatMap((name) => fileVariableOf(name) ?? [])];
  return names
    .filter((name) => !known.includes(name))
    .toSorted()
    .flatMap((name) => noticeAbout(name, known) ?? []);
}

function noticeAbout(name: string, known: readonly string[]): string | undefined {
  if (IGNORED.has(name)) return `${name} is ignored: Usher never asks the identity provider. Remove it.`;
  const meant = meantBy(name, known);
  return meant && `${name} is not a setting of Usher and is ignored. The nearest is ${meant}.`;
}

/** Undefined for a variable that is somebody else's. */
function meantBy(name: string, known: readonly string[]): string | undefined {
  const closest = nearest(name, known);
  if (closest && isSlip(name, closest)) return closest.name;
  if (!OUR_PREFIX.test(name) || SERVICE_LINK.test(name)) return undefined;
  return nearest(name, mostAlike(name, known))?.name;
}

/** Those with the most words of the name: MATRIX_TOKEN is fewer letters from MATRIX_URL, and not meant so. */
function mostAlike(name: string, known: readonly string[]): readonly string[] {
  const words = name.split('_');
  const shared = (other: string): number => other.split('_').filter((word) => words.includes(word)).length;
  const most = Math.max(...known.map(shared));
  return known.filter((other) => shared(other) === most);
}

/** What a person may want to know about settings that are valid and yet seldom meant. */
export function settingNotices({
  IDP_NAME: provider,
  MATRIX_TLS_VERIFY: verified,
}: Values): readonly string[] {
  const notices: string[] = [];
  if (!verified) {
    notices.push('MATRIX_TLS_VERIFY is false: whoever is on the way to the homeserver can take the token.');
  }
  if (provider !== undefined && !/^(oidc(-.+)?|oauth-.+|saml|cas)$/.test(provider)) {
    const stored = `Synapse stores oidc-${provider} for an OIDC provider with idp_id ${provider}`;
    notices.push(`IDP_NAME is ${provider}: ${stored}.`);
  }
  return notices;
}
