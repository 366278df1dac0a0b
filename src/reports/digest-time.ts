/** The hour of the day at which digests are due, in the time zone of the process (`TZ`). */
const HOUR = 8;

/** When the next digest is due after one that ended at `last`: the next eight o'clock. */
export function nextDigestAfter(last: number): number {
  const due = new Date(last);
  due.setHours(HOUR, 0, 0, 0);
  if (due.getTime() <= last) due.setDate(due.getDate() + 1);
  return due.getTime();
}
