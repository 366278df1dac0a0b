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
  /** An `http:` or `https:` address, or an image as a `data:` URI. */
  readonly photo: string | undefined;
};

/** Never throws: what is absent or of another type counts as absent, and an absent `active` means true. */
export function profileOf(attributes: Attributes): Profile {
  return {
    userName: text(attributes.userName) ?? '',
    externalId: text(attributes.externalId),
    active: attributes.active !== false,
    displayName: text(attributes.displayName)?.trim() ?? formattedName(attributes.name),
    email: primaryEmail(attributes.emails),
    photo: photoOf(attributes.photos),
  };
}

function formattedName(name: unknown): string | undefined {
  if (!isObject(name)) return undefined;
  const parts = [text(name.givenName), text(name.familyName)].filter((part) => part !== undefined);
  return text(name.formatted)?.trim() ?? text(parts.join(' '));
}

/** The address marked primary, else the first one (RFC 7643 §2.4: at most one is primary). */
function primaryEmail(emails: unknown): string | undefined {
  const entries = entriesOf(emails);
  return (entries.find(({ isPrimary }) => isPrimary) ?? entries[0])?.value;
}

/** Of those that can be an image (RFC 7643 §4.1.2): the primary one, else a photo before a thumbnail, else the first. */
function photoOf(photos: unknown): string | undefined {
  const entries = entriesOf(photos).filter(({ value }) => PHOTO.test(value));
  const chosen =
    entries.find(({ isPrimary }) => isPrimary) ?? entries.find(({ type }) => type === 'photo') ?? entries[0];
  return chosen?.value;
}

const PHOTO = /^(https?:\/\/\S+$|data:image\/[\w.+-]+(;[^;,]+)*;base64,)/i;

type Entry = { readonly value: string; readonly type: string | undefined; readonly isPrimary: boolean };

/** The values of a multi-valued attribute that have a text as value. */
function entriesOf(values: unknown): readonly Entry[] {
  if (!Array.isArray(values)) return [];
  return values.filter(isObject).flatMap((entry) => {
    const value = text(entry.value)?.trim();
    const isPrimary = entry.primary === true;
    return value === undefined ? [] : [{ value, type: text(entry.type)?.toLowerCase(), isPrimary }];
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
