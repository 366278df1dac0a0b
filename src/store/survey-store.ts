import type { ResourceId } from '../directory/resource.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import type { RoomRecord } from '../plan/rooms.ts';

/** The number of a user in the store: far smaller than her id, and never given to anybody else. */
export type UserNumber = number & { readonly __brand: 'UserNumber' };

/** An active user, and the account that she has, if she has one. */
export type Seat = {
  readonly userId: ResourceId;
  readonly account: UserId | undefined;
};

/** What is read of a whole directory, or of a room however many are in it: in pieces, between which others have their turn. */
export interface SurveyStore {
  /** Users who have no account. */
  withoutAccount(): AsyncIterable<readonly ResourceId[]>;
  /** Who is in a group, directly or through nested groups, inactive users too; some may come twice. */
  numbersIn(group: ResourceId): AsyncIterable<readonly UserNumber[]>;
  /** Those of these users who are active. */
  seatsOf(numbers: readonly UserNumber[]): AsyncIterable<readonly Seat[]>;
  /** All active users. */
  seats(): AsyncIterable<readonly Seat[]>;
  /** Who is recorded to be entitled to a room. */
  records(roomId: RoomId): AsyncIterable<readonly RecordsOf[]>;
}

/** Accounts of which the same is recorded. */
export type RecordsOf = { readonly record: RoomRecord; readonly accounts: readonly UserId[] };
