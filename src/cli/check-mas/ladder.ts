import { type Finding, ok } from '../../desk/finding.ts';
import type { Ladder, Step } from '../../plan/offboarding.ts';

/** What becomes of sessions and keys (measured with MAS 1.22 and Synapse 1.163). */
const EFFECTS: Readonly<Record<Step, string>> = {
  rooms: 'rooms: she signs in and reads on elsewhere',
  suspend: 'suspend: she reads on and sends nothing; sessions and keys stay',
  lock: 'lock: no new sign-in; a client that Synapse knows goes on for up to two minutes, then it signs out, and key backup alone brings its keys back',
  deactivate: 'deactivate: all sessions end at once, with devices, keys and e-mail addresses',
  erase:
    'erase: as deactivate, and newcomers to her rooms do not see what she wrote; that does not come back',
};

/** Says what each step of the settings does where MAS signs people in. */
export function* tellLadders(ladders: Readonly<Record<string, Ladder>>): Generator<Finding> {
  for (const [setting, ladder] of Object.entries(ladders)) {
    const effects = ladder.map(({ step }) => EFFECTS[step]);
    yield ok(setting, effects.length === 0 ? 'nothing: accounts stay as they are' : effects.join('. '));
  }
}
