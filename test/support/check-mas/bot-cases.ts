import type { WithMas } from '../homeserver/with-mas.ts';
import { byHand, type Case, REST } from './stage.ts';

const REMOVE_TOKEN = `
      to do:    remove MATRIX_ADMIN_TOKEN: from MAS 1.5 on Usher gets a token by itself. Before, set it to what this prints:
        mas-cli manage issue-compatibility-token usher --yes-i-want-to-grant-synapse-admin-privileges`;

function botOf({ mas }: WithMas) {
  const bot = mas.users.byUsername('usher');
  if (bot === undefined) throw new Error('there is no bot');
  return bot;
}

/** The bot, and its token for Synapse. */
export const BOT: readonly Case[] = [
  {
    title: 'MAS 1.4 without MATRIX_ADMIN_TOKEN',
    options: { version: '1.4.0' },
    spoil: () => ({}),
    said: [
      `FAIL  token: MAS 1.4.0 gives Usher no token for Synapse, and MATRIX_ADMIN_TOKEN is not set
      it means: Usher can do nothing in Synapse; what identity providers push is kept until then.
      to do:    update MAS to 1.5 or later; or set MATRIX_ADMIN_TOKEN to what this prints:
        mas-cli manage issue-compatibility-token usher --yes-i-want-to-grant-synapse-admin-privileges`,
      REST,
    ],
  },
  {
    title: 'the bot is locked',
    spoil(homeserver) {
      homeserver.mas.users.lock(botOf(homeserver));
      return {};
    },
    said: [
      `FAIL  bot: the bot usher is locked in MAS, so that none of its tokens is good
      it means: Usher can do nothing in Synapse; what identity providers push is kept until then.
      to do:    take it back:
        mas-cli manage unlock-user usher`,
      REST,
    ],
  },
  {
    title: 'the bot is deactivated',
    spoil(homeserver) {
      homeserver.mas.users.deactivate(botOf(homeserver));
      return {};
    },
    said: [
      `FAIL  bot: the bot usher is deactivated in MAS, so that none of its tokens is good
      it means: Usher can do nothing in Synapse; what identity providers push is kept until then.
      to do:    take it back:
        mas-cli manage unlock-user --reactivate usher`,
      REST,
    ],
  },
  {
    title: 'the bot has a name that MAS refuses',
    spoil: () => ({ MATRIX_ADMIN_USER_ID: '@_usher:usher.test' }),
    said: [
      `FAIL  bot: MATRIX_ADMIN_USER_ID is @_usher:usher.test, and MAS takes no user of that name
      it means: names in MAS have small letters, digits and =_-./+ and do not begin with an underscore. Usher can do nothing in Synapse; what identity providers push is kept until then.
      to do:    give the bot another name, such as
        MATRIX_ADMIN_USER_ID=@usher:usher.test`,
      REST,
    ],
  },
  {
    title: 'there is a token, and the bot is no user of MAS',
    spoil: (homeserver) => ({ ...byHand(homeserver), MATRIX_ADMIN_USER_ID: '@scim:usher.test' }),
    said: [
      `FAIL  bot: MAS has no user scim, whom MATRIX_ADMIN_USER_ID names, and MATRIX_ADMIN_TOKEN is set
      it means: that token is of somebody else, or of a Synapse that signed people in by itself. Usher can do nothing in Synapse; what identity providers push is kept until then.
      to do:    remove MATRIX_ADMIN_TOKEN: from MAS 1.5 on Usher makes the bot and its token by itself. Before, make the bot, and set MATRIX_ADMIN_TOKEN to what the second line prints:
        mas-cli manage register-user scim --yes
        mas-cli manage issue-compatibility-token scim --yes-i-want-to-grant-synapse-admin-privileges`,
      REST,
    ],
  },
  {
    title: 'MATRIX_ADMIN_TOKEN is of a login',
    spoil: (homeserver) => ({ MATRIX_ADMIN_TOKEN: homeserver.mas.logIn(botOf(homeserver)) }),
    said: [
      `FAIL  token: MATRIX_ADMIN_TOKEN has not the scope urn:synapse:admin:*
      it means: Usher can not make accounts or add people to rooms. No token of a login has that scope, whoever logs in.${REMOVE_TOKEN}`,
      REST,
    ],
  },
  {
    title: 'MATRIX_ADMIN_TOKEN is of the time before MAS',
    spoil: () => ({ MATRIX_ADMIN_TOKEN: 'syt_dXNoZXI_old' }),
    said: [
      `FAIL  token: the homeserver does not accept MATRIX_ADMIN_TOKEN
      it means: Usher can do nothing; what identity providers push is kept until then.${REMOVE_TOKEN}`,
      REST,
    ],
  },
];
