import { userId } from '../matrix/ids.ts';
import { createDemoProvider } from './demo-provider.ts';
import { type RoomName, SERVER_NAME, type Stage } from './demo-stage.ts';
import { decideCommand } from './look/decide.ts';
import { explainCommand } from './look/explain.ts';
import { heldCommand } from './look/held.ts';

/** Who is in which room, and whose account is locked, by localpart. */
export type Scene = Readonly<Record<RoomName | 'locked', readonly string[]>>;

/** One step: what happens, and what is to be seen once Usher has dealt with it. */
export type Step = {
  readonly text: string;
  /** Resolves with what an admin saw in her terminal, if she typed something. */
  readonly happens: () => Promise<unknown>;
  readonly scene: Scene;
  /** What an admin looks at afterwards. */
  readonly look?: () => Promise<string>;
};

const HELD = { json: false, all: false };

/** An evening at an identity provider, told step by step. */
export function tellStory({ world, service, roomId, ask }: Stage): readonly Step[] {
  const provider = createDemoProvider(service.url);
  const account = (name: string) => userId(name, SERVER_NAME);
  return [
    {
      text: 'The provider pushes four people: Ann, Bob, Cem and Dee. Each gets an account; "*" opens the lobby.',
      happens: () => provider.createUsers('ann', 'bob', 'cem', 'dee'),
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: [],
        management: [],
        offsite: [],
        locked: [],
      },
    },
    {
      text: 'It pushes the groups: Engineering with Ann and Bob, Management with Cem. Both open #offsite too.',
      happens: async () => {
        await provider.createGroup('Engineering', 'ann', 'bob');
        await provider.createGroup('Management', 'cem');
      },
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: ['ann', 'bob'],
        management: ['cem'],
        offsite: ['ann', 'bob', 'cem'],
        locked: [],
      },
    },
    {
      text: 'Ann is promoted: she is added to Management, then removed from Engineering. She keeps #offsite.',
      happens: async () => {
        await provider.addMember('Management', 'ann');
        await provider.removeMember('Engineering', 'ann');
      },
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: ['bob'],
        management: ['ann', 'cem'],
        offsite: ['ann', 'bob', 'cem'],
        locked: [],
      },
    },
    {
      text: 'Bob leaves #offsite by himself. A full pass finds that, and respects it.',
      happens: async () => {
        world.passages.leave(account('bob'), roomId('offsite'));
        service.loop.requestPass();
      },
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: ['bob'],
        management: ['ann', 'cem'],
        offsite: ['ann', 'cem'],
        locked: [],
      },
    },
    {
      text: 'Cem is deactivated: his account is locked and his rooms are taken. The others stay where they are.',
      happens: () => provider.setActive('cem', false),
      scene: {
        lobby: ['ann', 'bob', 'dee'],
        engineering: ['bob'],
        management: ['ann'],
        offsite: ['ann'],
        locked: ['cem'],
      },
    },
    {
      text: 'Cem is back: his account is unlocked, and he has his rooms again.',
      happens: () => provider.setActive('cem', true),
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: ['bob'],
        management: ['ann', 'cem'],
        offsite: ['ann', 'cem'],
        locked: [],
      },
    },
    {
      text: 'The homeserver goes down. The provider adds Dee to Engineering, and is answered at once; nothing can happen yet.',
      happens: async () => {
        world.goDown();
        await provider.addMember('Engineering', 'dee');
      },
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: ['bob'],
        management: ['ann', 'cem'],
        offsite: ['ann', 'cem'],
        locked: [],
      },
    },
    {
      text: 'The homeserver comes back, and Dee is shown in.',
      happens: async () => world.comeUp(),
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: ['bob', 'dee'],
        management: ['ann', 'cem'],
        offsite: ['ann', 'cem', 'dee'],
        locked: [],
      },
    },
    {
      text: 'A user named "moira" is pushed into Management. @moira exists, made the rooms, and is linked to nobody: it is left alone, and reported.',
      happens: async () => {
        await provider.createUsers('moira');
        await provider.addMember('Management', 'moira');
      },
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: ['bob', 'dee'],
        management: ['ann', 'cem'],
        offsite: ['ann', 'cem', 'dee'],
        locked: [],
      },
    },
    {
      text: 'The group Engineering is deleted. With Cem that makes more removals than 5 in an hour: perhaps an accident, so it is held.',
      happens: () => provider.deleteGroup('Engineering'),
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: ['bob', 'dee'],
        management: ['ann', 'cem'],
        offsite: ['ann', 'cem', 'dee'],
        locked: [],
      },
      look: async () => `$ usher held\n${await ask((terminal) => heldCommand(terminal, HELD))}`,
    },
    {
      text: 'It was meant. You approve exactly that; who has #offsite by another group keeps it.',
      happens: async () => {
        const [hold] = JSON.parse(await ask((terminal) => heldCommand(terminal, { ...HELD, json: true })));
        const answer = await ask((terminal) => decideCommand(terminal, 'approved', [hold.digest]));
        service.loop.requestReview();
        return `$ usher approve ${hold.digest}\n${answer}`;
      },
      scene: {
        lobby: ['ann', 'bob', 'cem', 'dee'],
        engineering: [],
        management: ['ann', 'cem'],
        offsite: ['ann', 'cem'],
        locked: [],
      },
      look: async () => {
        const question = [account('dee'), `#engineering:${SERVER_NAME}`];
        const answer = await ask((terminal) => explainCommand(terminal, { json: false }, question));
        return `$ usher explain ${question.join(' ')}\n${answer}`;
      },
    },
    {
      text: 'Dee leaves the company: the provider deletes her. Her account is locked, her last room is taken.',
      happens: () => provider.deleteUser('dee'),
      scene: {
        lobby: ['ann', 'bob', 'cem'],
        engineering: [],
        management: ['ann', 'cem'],
        offsite: ['ann', 'cem'],
        locked: ['dee'],
      },
    },
  ];
}
