import { type Command, SWITCH, TEXT, textOf } from '../command.ts';
import { conflictsCommand } from './conflicts.ts';
import { decideCommand } from './decide.ts';
import { explainCommand } from './explain.ts';
import { groupsCommand } from './groups.ts';
import { heldCommand } from './held.ts';
import { journalCommand } from './journal.ts';
import { linkCommand, unlinkCommand } from './link.ts';
import { roomsCommand } from './rooms.ts';
import { statusCommand } from './status.ts';
import { usersCommand } from './users.ts';

/** The commands by which an admin sees what is and why, and decides what Usher leaves to people. */
export const LOOK_COMMANDS: Readonly<Record<string, Command>> = {
  status: {
    options: { json: SWITCH },
    run: (terminal, { json }) => statusCommand(terminal, { json: json === true }),
  },
  explain: {
    options: { json: SWITCH },
    operands: ['PERSON', 'ROOM?'],
    run: (terminal, { json }, operands) => explainCommand(terminal, { json: json === true }, operands),
  },
  users: {
    options: { json: SWITCH, failing: SWITCH },
    operands: ['PATTERN?'],
    run: (terminal, { json, failing }, operands) =>
      usersCommand(terminal, { json: json === true, failing: failing === true }, operands),
  },
  groups: {
    options: { json: SWITCH, unmapped: SWITCH },
    run: (terminal, { json, unmapped }) =>
      groupsCommand(terminal, { json: json === true, unmapped: unmapped === true }),
  },
  rooms: {
    options: { json: SWITCH, live: SWITCH },
    run: (terminal, { json, live }) => roomsCommand(terminal, { json: json === true, live: live === true }),
  },
  journal: {
    options: { json: SWITCH, account: TEXT, room: TEXT, since: TEXT, action: TEXT, limit: TEXT },
    run: (terminal, { json, account, room, since, action, limit }) =>
      journalCommand(terminal, {
        json: json === true,
        account: textOf(account),
        room: textOf(room),
        since: textOf(since),
        action: textOf(action),
        limit: textOf(limit),
      }),
  },
  conflicts: {
    options: { json: SWITCH },
    run: (terminal, { json }) => conflictsCommand(terminal, { json: json === true }),
  },
  held: {
    options: { json: SWITCH, all: SWITCH },
    run: (terminal, { json, all }) => heldCommand(terminal, { json: json === true, all: all === true }),
  },
  approve: {
    options: {},
    operands: ['DIGEST'],
    run: (terminal, _options, operands) => decideCommand(terminal, 'approved', operands),
  },
  reject: {
    options: {},
    operands: ['DIGEST'],
    run: (terminal, _options, operands) => decideCommand(terminal, 'rejected', operands),
  },
  link: {
    options: { yes: SWITCH },
    operands: ['USER', 'ACCOUNT'],
    run: (terminal, { yes }, operands) => linkCommand(terminal, { yes: yes === true }, operands),
  },
  unlink: {
    options: {},
    operands: ['USER'],
    run: (terminal, _options, operands) => unlinkCommand(terminal, operands),
  },
};
