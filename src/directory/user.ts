import { type Attributes, type Resource, text } from './resource.ts';

/** A person as an identity provider pushed her (RFC 7643 §4.1). */
export type User = Resource;

/** What Usher reads out of a user's attributes. */
export type Profile = {
  readonly userName: string;
  readonly externalId: string | undefined;
  readonly active: boolean;
  readonly displayName: string | undefined;
  readonly email: string | undefined;
};

/** Never throws: what is absent or of another type counts as absent, and an absent `active` means true. */
export function profileOf(attributes: Attributes): Profile {
  return {
    userName: text(attributes.userName) ?? '',
    externalId: text(attributes.externalId),
    active: attributes.active !== false,
    displayName: text(attributes.displayName)?.trim() ?? formattedName(attributes.name),
    email: primaryEmail(attributes.emails),
  };
}

function formattedName(name: unknown): string | undefined {
  if (!isObject(name)) return undefined;
  const parts = [text(name.givenName), text(name.familyName)].filter((part) => part !== undefined);
  return text(name.formatted)?.trim() ?? text(parts.join(' '));
}

/** The address marked primary, else the first one (RFC 7643 §2.4: at most one is primary). */
function primaryEmail(emails: unknown): string | undefined {
  if (!Array.isArray(emails)) return undefined;
  const entries = emails.filter(isObject).filter((entry) => text(entry.value) !== undefined);
  const chosen = entries.find((entry) => entry.primary === true) ?? entries[0];
  return text(chosen?.value)?.trim();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
