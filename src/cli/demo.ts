import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { GROUP_MAP, ROOMS, type Stage, setStage, TOKEN } from './demo-stage.ts';
import { type Scene, type Step, tellStory } from './demo-story.ts';
import { EXIT, print, type Terminal } from './terminal.ts';

const LONGEST_STEP_MS = 20_000;

/**
 * The real service on a simulated homeserver, and an evening at an identity provider. Exits with 1 if the
 * rooms are ever not as the story says; without `exit` it then stays up to be tried out.
 */
export async function demoCommand(terminal: Terminal, options: { readonly exit: boolean }): Promise<number> {
  const stage = await setStage(terminal);
  try {
    print(terminal, INTRODUCTION);
    for (const [index, step] of tellStory(stage).entries()) {
      print(terminal, `\n${index + 1}. ${step.text}`);
      const scene = await play(step, stage, (text) => print(terminal, indent(text)));
      print(terminal, renderScene(scene));
      if (!isDeepStrictEqual(scene, step.scene)) {
        print(terminal, `\nThat is not as it should be. Expected:\n${renderScene(step.scene)}`);
        return EXIT.failed;
      }
      if (step.look !== undefined) print(terminal, indent(await step.look()));
    }
    print(terminal, '\nThe end: everybody is where the groups say.');
    if (!options.exit) await stayUp(terminal, stage);
    return EXIT.ok;
  } finally {
    await stage.close();
  }
}

const INTRODUCTION = `Usher on a simulated homeserver. The group map:
${GROUP_MAP.trimEnd()}
The rooms were made by @moira:example.com. She and the bot are not shown below.`;

async function play(
  step: Step,
  { service, inRoom, locked }: Stage,
  show: (text: string) => void,
): Promise<Scene> {
  const look = (): Scene => ({
    lobby: inRoom('lobby'),
    engineering: inRoom('engineering'),
    management: inRoom('management'),
    offsite: inRoom('offsite'),
    locked: locked(),
  });
  const deadline = Date.now() + LONGEST_STEP_MS;
  const shown = await step.happens();
  if (typeof shown === 'string') show(shown);
  await service.loop.rest();
  // After an outage Usher waits a little before it tries again.
  while (!isDeepStrictEqual(look(), step.scene) && Date.now() < deadline) {
    await delay(100);
  }
  return look();
}

/** As in a terminal. */
function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '     ');
}

function renderScene(scene: Scene): string {
  const width = Math.max(...ROOMS.map((room) => room.length)) + 1;
  const lines = ROOMS.map((room) => `     ${`#${room}`.padEnd(width)}  ${scene[room].join(', ') || '–'}`);
  if (scene.locked.length > 0) lines.push(`     ${'locked'.padEnd(width)}  ${scene.locked.join(', ')}`);
  return lines.join('\n');
}

async function stayUp(terminal: Terminal, { service, inRoom, adminToken }: Stage): Promise<void> {
  const scim = `${service.url}/scim/v2`;
  const header = `-H 'Authorization: Bearer ${TOKEN}'`;
  print(
    terminal,
    `
Usher stays up for you to go on. In a browser: ${service.url}/console
To sign in there, with a token made for this demo: ${await adminToken()}

In another terminal:

  curl ${header} ${scim}/Users
  curl ${header} '${scim}/Groups?filter=displayName+eq+"Management"'
  curl ${header} -H 'Content-Type: application/scim+json' ${scim}/Users \\
    -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"eva","externalId":"uid-of-eva"}'
  curl ${service.url}/readyz
  curl ${service.url}/metrics

The rooms are shown here whenever they change. Ctrl-C ends it.`,
  );
  let isOver = false;
  const over = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => {
    isOver = true;
  });
  let shown = '';
  while (!isOver) {
    const now = ROOMS.map((room) => `${room}: ${inRoom(room).join(', ') || '–'}`).join('   ');
    if (now !== shown) print(terminal, now);
    shown = now;
    await Promise.race([over, delay(500)]);
  }
}
