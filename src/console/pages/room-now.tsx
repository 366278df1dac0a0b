import { CircleCheck, TriangleAlert } from 'lucide-preact';
import type { RoomDetail } from '../answers.ts';

/** How the room is on the homeserver now: what is wrong with it, and what to do. */
export function RoomNow({ now }: { readonly now: RoomDetail['now'] }) {
  if (!now.answers) {
    return (
      <p class="notice warn">The homeserver does not answer ({now.reason}): who is in it can't be told.</p>
    );
  }
  const { room, problems } = now;
  return (
    <>
      {room !== undefined && (
        <p>
          {room.joined} {room.joined === 1 ? 'member' : 'members'}, joined by {room.joinRule}
          {room.isEncrypted ? ', encrypted' : ', not encrypted'};{' '}
          {room.botPower === undefined ? 'the bot is not in it' : `the bot has power ${room.botPower}`}.
        </p>
      )}
      {problems.length === 0 && (
        <p class="notice good">
          <CircleCheck aria-hidden="true" /> Nothing is wrong with it.
        </p>
      )}
      {problems.map(({ level, subject, found, meaning, remedy }) => (
        <div key={`${subject} ${found}`} class={`notice ${level === 'failure' ? 'bad' : 'warn'}`}>
          <p>
            <TriangleAlert aria-hidden="true" />{' '}
            <strong>
              {subject}: {found}
            </strong>
          </p>
          <p>{meaning}</p>
          <p>To do: {remedy}</p>
        </div>
      ))}
    </>
  );
}
