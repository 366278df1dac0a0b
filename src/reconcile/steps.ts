import type { Restriction } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { PersonChange } from '../plan/change.ts';
import type { Store } from '../store/store.ts';

/**
 * Steps of offboarding, or back, that were begun: until each call of a step is known to have been made, what may be on
 * an account beside its `restriction` is written down. A link alone would not tell a lock of ours from an admin's.
 */
export function createStepLog({ facts }: Pick<Store, 'facts'>) {
  return {
    /** What may be on the account beside; undefined if no step is under way. */
    async beneath(account: UserId): Promise<readonly Restriction[] | undefined> {
      return (await facts.get(nameOf(account))) as readonly Restriction[] | undefined;
    },

    /** To be awaited before the changes are made. */
    async begin(account: UserId, changes: readonly PersonChange[]): Promise<void> {
      const lifted = changes.flatMap((each) => (each.kind === 'unrestrict' ? [each.restriction] : []));
      await facts.set(nameOf(account), lifted);
    },

    async end(account: UserId): Promise<void> {
      await facts.set(nameOf(account), undefined);
    },

    /** Accounts of which a step was begun and not ended. */
    async open(): Promise<readonly UserId[]> {
      return (await facts.names(PREFIX)).map((name) => name.slice(PREFIX.length) as UserId);
    },
  };
}

const PREFIX = 'step:';

function nameOf(account: UserId): string {
  return `${PREFIX}${account}`;
}

export function isStep({ kind }: PersonChange): boolean {
  return kind === 'restrict' || kind === 'unrestrict';
}
