import { byHand, type Case } from './stage.ts';

/** What people may change, and what one side does not know of the other. */
export const ACCOUNTS: readonly Case[] = [
  {
    title: 'people may change their own accounts',
    spoil(homeserver) {
      homeserver.mas.site.account_deactivation_allowed = true;
      homeserver.mas.site.displayname_change_allowed = true;
      homeserver.mas.site.email_change_allowed = true;
      return byHand(homeserver);
    },
    said: [
      `warn  self-service: in MAS, people may delete their accounts, change their display names, change their e-mail addresses
      it means: Usher gives no account back that somebody else deactivated. A name is set back at the next full pass. An address is put right only when Usher looks at her for another reason.
      to do:    put this into the configuration of MAS, and restart it:
        account:
          account_deactivation_allowed: false
          displayname_change_allowed: false
          email_change_allowed: false`,
    ],
  },
  {
    title: 'Synapse does not know users of MAS',
    spoil(homeserver) {
      homeserver.mas.users.add('ghost');
      return byHand(homeserver);
    },
    said: [
      `warn  accounts: of 2 users of MAS, Synapse does not know 1: @ghost:usher.test
      it means: nobody can use these accounts. If MAS may not write to Synapse, Usher can make none either, and nobody is locked out who is locked in MAS.
      to do:    "kind" must not be synapse_read_only in the configuration of MAS. Restart it after a change, and have it tell Synapse of everybody with the last line:
        matrix:
          kind: synapse

        mas-cli manage provision-all-users`,
    ],
  },
  {
    title: 'MAS does not know accounts of Synapse',
    async spoil(homeserver) {
      homeserver.world.register('old');
      await homeserver.appserviceUser('bridge_ann');
      return byHand(homeserver);
    },
    said: [
      `warn  accounts: of 3 accounts of Synapse, MAS does not know 1: @old:usher.test
      it means: nobody can sign in to these, and nobody can be given their names. Only the account of server notices is as it should be.
      to do:    if one belongs to somebody whom the provider pushes, give her the way in:
        usher link USER_NAME @old:usher.test`,
    ],
  },
];
