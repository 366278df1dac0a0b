import type { Step } from './step.ts';

/** Nothing has the name that somebody gave. The message is for people, and ends with a stop. */
export class UnknownName extends Error {
  override readonly name = 'UnknownName';
}

/** What somebody asked for can't be done as it was asked for. The message is for people, and ends with a stop. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** What has to be done before. */
  readonly step: Step | undefined;

  constructor(message: string, { step, ...options }: ErrorOptions & { readonly step?: Step } = {}) {
    super(message, options);
    this.step = step;
  }
}
