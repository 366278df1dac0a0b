import { useRoute } from 'preact-iso';
import type { PersonDetail, RoomOfPerson } from '../answers.ts';
import { Badge } from '../badge.tsx';
import { Facts } from '../facts.tsx';
import { Page } from '../page.tsx';
import { to, toExplanation } from '../places.ts';
import { Empty, Failed, Loading } from '../states.tsx';
import { WithSteps } from '../steps.tsx';
import { type Column, Table } from '../table.tsx';
import { useData } from '../use-data.ts';
import { AskAboutRoom } from './ask-room.tsx';
import { StandingBadge } from './standing.tsx';
import { UnlinkAction } from './unlink.tsx';

/** One person: her account, her groups, and her rooms with the reasons. */
export function PersonPage() {
  const id = useRoute().params.id ?? '';
  const { data, reload } = useData<PersonDetail>(`/people/${encodeURIComponent(id)}`);
  if (data.kind !== 'ready') {
    return (
      <Page title="Person">
        {data.kind === 'loading' ? <Loading what="her" /> : <Failed problem={data.problem} retry={reload} />}
      </Page>
    );
  }
  const { person, answer, rooms, groups } = data.value;
  const trouble = person.waiting?.lastError;
  return (
    <Page title={person.displayName ?? person.userName ?? person.scimId}>
      <p>{answer}</p>
      {trouble !== undefined && <p class="notice warn">{trouble.message}</p>}
      {!person.homeserver.answers && (
        <p class="notice warn">
          The homeserver does not answer ({person.homeserver.reason}): this is as recorded.
        </p>
      )}
      <Facts
        facts={[
          ['Matrix account', <Account key="account" person={person} reload={reload} />],
          ['User name', person.userName],
          ['At the provider', <Status key="status" status={person.status} />],
          ['Source', person.source],
          ['External id', person.externalId],
          ['SCIM id', person.scimId],
        ]}
      />
      <h2>Rooms</h2>
      {rooms.length === 0 ? (
        <Empty>No room concerns her: no group of hers opens one.</Empty>
      ) : (
        <Table
          caption="Rooms that concern her"
          columns={columnsFor(person.scimId)}
          rows={rooms}
          keyOf={({ room }) => room.target}
        />
      )}
      <AskAboutRoom scimId={person.scimId} />
      <h2>Groups</h2>
      {groups.length === 0 ? (
        <Empty>She is in no group.</Empty>
      ) : (
        <ul>
          {groups.map((group) => (
            <li key={group.id}>
              <a href={to('/groups', group.id)}>{group.name}</a>
              {!group.isDirect && ' (through another group)'}
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

type AccountProps = { readonly person: PersonDetail['person']; readonly reload: () => void };

function Account({ person, reload }: AccountProps) {
  const { scimId, userName, displayName, account, isLinked } = person;
  return (
    <>
      {accountText(person)}{' '}
      {account !== undefined && isLinked && (
        <UnlinkAction
          scimId={scimId}
          name={displayName ?? userName ?? scimId}
          account={account}
          onEnd={reload}
        />
      )}
    </>
  );
}

function accountText({ account, isLinked, restriction, isAdmin }: PersonDetail['person']): string {
  if (account === undefined) return 'none';
  if (!isLinked) return `${account} (it would be; there is none yet)`;
  const byUsher = [...(restriction === undefined ? [] : [restriction]), ...(isAdmin ? ['server admin'] : [])];
  return byUsher.length === 0 ? account : `${account} (${byUsher.join(', ')})`;
}

function Status({ status }: { readonly status: PersonDetail['person']['status'] }) {
  return <Badge kind={status === 'active' ? 'good' : 'plain'}>{status}</Badge>;
}

function columnsFor(scimId: string): readonly Column<RoomOfPerson>[] {
  return [
    {
      head: 'Room',
      isName: true,
      cell: ({ room }) => <a href={toExplanation(scimId, room.target)}>{room.target}</a>,
    },
    { head: 'Now', cell: ({ isIn }) => <StandingBadge isIn={isIn} /> },
    {
      head: 'Through',
      cell: ({ through, everybody }) =>
        [...through.map(({ name }) => name), ...(everybody ? ['everybody'] : [])].join(', ') || '–',
    },
    { head: 'What comes next', cell: ({ next }) => <WithSteps text={next.text} steps={next.steps} /> },
  ];
}
