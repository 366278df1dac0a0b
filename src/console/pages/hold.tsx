import { useState } from 'preact/hooks';
import type { Decided, HoldEntry } from '../answers.ts';
import { Badge } from '../badge.tsx';
import { Confirm } from '../dialog.tsx';
import { useTell } from '../toasts.tsx';
import { useKeeper, useMayChange } from '../use-session.ts';
import { useWaiting } from '../waiting.tsx';
import { When } from '../when.tsx';
import { HoldChanges } from './hold-changes.tsx';

type Props = { readonly hold: HoldEntry; readonly reload: () => void };

/** One hold: why, what is in it, and the decision about exactly that. */
export function Hold({ hold, reload }: Props) {
  const mayChange = useMayChange();
  const [asked, setAsked] = useState<Asked>();
  const { digest, reason, since, verdict, numbers, count } = hold;
  return (
    <article class="hold" aria-labelledby={`hold-${digest}`}>
      <header>
        <h2 id={`hold-${digest}`}>{reason}</h2>
        <p>
          {verdict === 'rejected' && <Badge kind="plain">rejected</Badge>} <strong>{numbers}</strong>, since{' '}
          <When at={since} />. <code>{digest}</code>
        </p>
      </header>
      <HoldChanges hold={hold} reload={reload} />
      {mayChange && (
        <footer>
          {verdict === undefined && count > 0 && (
            <button type="button" class="secondary" onClick={() => setAsked({ verdict: 'reject', hold })}>
              Reject: keep them
            </button>
          )}
          <button type="button" class="danger" onClick={() => setAsked({ verdict: 'approve', hold })}>
            Approve: let it happen
          </button>
        </footer>
      )}
      {asked !== undefined && <Decide {...asked} onEnd={() => setAsked(undefined)} reload={reload} />}
    </article>
  );
}

/** The hold is the one that was on the page when she asked, whatever it grows to meanwhile. */
type Asked = { readonly hold: HoldEntry; readonly verdict: 'approve' | 'reject' };

type DecideProps = Asked & {
  readonly onEnd: () => void;
  readonly reload: () => void;
};

/** Asks once more, with the numbers. The digest keeps it from being about anything that was not on the page. */
function Decide({ hold: { digest, numbers, reason }, verdict, onEnd, reload }: DecideProps) {
  const { call } = useKeeper();
  const tell = useTell();
  const { reload: count } = useWaiting();
  const isApproval = verdict === 'approve';
  const decide = async (): Promise<void> => {
    const done = await call<Decided>(`/held/${digest}/${verdict}`, { method: 'POST' });
    onEnd();
    const what = done.numbers ?? 'the hold';
    if (done.wasDecided) tell('done', `Somebody decided so before: ${what}.`);
    else tell('done', `${isApproval ? 'Approved' : 'Rejected'}: ${what}.`);
    reload();
    count();
  };
  const cancel = (): void => {
    onEnd();
    reload();
  };
  return (
    <Confirm
      title={isApproval ? 'Let it happen?' : 'Keep it from happening?'}
      deed={isApproval ? 'Approve' : 'Reject'}
      isDangerous={isApproval}
      onConfirm={decide}
      onCancel={cancel}
    >
      <p>
        <strong>{numbers}</strong>: {reason}.
      </p>
      {isApproval ? (
        <p>
          It begins within seconds, and what is still wanted then is done. Exactly this is approved, and
          nothing that comes later.
        </p>
      ) : (
        <p>
          They keep what they have for as long as this is wanted. It stays listed, and can be approved later.
        </p>
      )}
    </Confirm>
  );
}
