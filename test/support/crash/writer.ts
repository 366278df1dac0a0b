import type { Random } from '../scim/random.ts';
import { type Domain, NOTHING, type Step, statesAfter, textOf } from './domain.ts';
import { domainOf, type FoundDirectory } from './found.ts';
import { choose, type Push } from './requests.ts';

/** What became of what was under way when Usher was killed: how many of its parts are there. */
export type Verdict = { readonly what: string; readonly parts: number; readonly applied: number };

type Deps = {
  readonly name: string;
  readonly random: Random;
  readonly token: string;
  readonly crowd: readonly string[];
  readonly crowdIds: ReadonlyMap<string, string>;
  /** Told of all that may be so now, one of them for certain. */
  readonly onStates: (states: readonly Domain[]) => void;
};

export type Writer = ReturnType<typeof createWriter>;

/** A provider that pushes one request after the other, and remembers what was acknowledged and what is under way. */
export function createWriter({ name, random, token, crowd, crowdIds, onStates }: Deps) {
  let domain = NOTHING;
  let ids: ReadonlyMap<string, string> = crowdIds;
  let underWay: { readonly what: string; readonly steps: readonly Step[] } | undefined;
  let number = 0;
  const next = (): number => {
    number += 1;
    return number;
  };

  const learn = async (push: Push, response: Response): Promise<void> => {
    const text = await response.text();
    if (!response.ok) throw new Error(`${push.method} ${push.path}: ${response.status} ${text}`);
    const answer = text === '' ? {} : JSON.parse(text);
    const learned: [string, string][] = push.creates === undefined ? [] : [[push.creates, String(answer.id)]];
    for (const { status, location, bulkId } of answer.Operations ?? []) {
      if (Number(status) >= 400) throw new Error(`an operation of a bulk request was refused: ${text}`);
      if (bulkId !== undefined) learned.push([bulkId, String(location).split('/').at(-1) ?? '']);
    }
    ids = new Map([...ids, ...learned]);
  };

  return {
    name,
    domain: () => domain,
    /** Pushes until `url` does not answer any more, or it is told to stop. Rejects if a request is refused. */
    async push(url: string, isOver: () => boolean, onAcknowledged: () => void): Promise<void> {
      while (!isOver()) {
        const push = choose(random, { name, domain, ids, crowd, next });
        const states = statesAfter(domain, push.steps);
        underWay = push;
        onStates(states);
        const response = await send(url, token, push);
        if (response === undefined) return;
        // Its status is here: what was to be written is.
        if (response.ok) {
          domain = states.at(-1) ?? domain;
          underWay = undefined;
          onStates([domain]);
          onAcknowledged();
        }
        try {
          await learn(push, response);
        } catch (error) {
          if (isOver()) return; // the rest of the answer did not come; what it says is read from the database
          throw error;
        }
      }
    },
    /** Compares with what is there now; from then on that is so. Throws if it is neither. */
    judge(found: FoundDirectory): Verdict | undefined {
      ids = new Map([...crowdIds, ...found.ids]);
      const pending = underWay;
      const states = statesAfter(domain, pending?.steps ?? []);
      const there = domainOf(found, name);
      const text = textOf(there);
      const applied = states.findIndex((state) => textOf(state) === text);
      if (applied < 0) throw new Error(differenceOf(name, states, there, pending?.what));
      domain = there;
      underWay = undefined;
      onStates([domain]);
      return pending && { what: pending.what, parts: pending.steps.length, applied };
    },
  };
}

/** Undefined if there is no answer. */
async function send(url: string, token: string, { method, path, body }: Push): Promise<Response | undefined> {
  try {
    return await fetch(`${url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    return undefined;
  }
}

function differenceOf(
  name: string,
  states: readonly Domain[],
  found: Domain,
  what: string | undefined,
): string {
  const short = (domain: Domain): string => textOf(domain).slice(0, 20_000);
  const lines = states.map((state, index) => `after ${index} of ${states.length - 1}: ${short(state)}`);
  return `${name} pushed ${what ?? 'nothing that was not acknowledged'}\n${lines.join('\n')}\nfound: ${short(found)}`;
}
