const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `3 minutes ago`; the moment itself, in UTC as the commands tell it, when pointed at. */
export function When({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={exactly(at)}>
      {relatively(at, Date.now())}
    </time>
  );
}

/** `2026-11-22 10:15:00 UTC`. */
export function exactly(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function relatively(at: string, now: number): string {
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
  if (unit === 'second') return seconds > 0 ? 'in less than a minute' : 'less than a minute ago';
  return RELATIVE.format(Math.trunc(seconds / size), unit);
}
