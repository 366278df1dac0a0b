import { useState } from 'preact/hooks';
import type { Unlinked } from '../answers.ts';
import { Confirm, Dialog } from '../dialog.tsx';
import { useKeeper, useMayChange } from '../use-session.ts';

type Props = {
  readonly scimId: string;
  readonly name: string;
  readonly account: string;
  /** Called when it is done and what was said of it was read. */
  readonly onEnd: () => void;
};

/** Forgets whose account it is, and says what stays on it. */
export function UnlinkAction({ scimId, name, account, onEnd }: Props) {
  const { call } = useKeeper();
  const mayChange = useMayChange();
  const [isAsked, setAsked] = useState(false);
  const [done, setDone] = useState<Unlinked>();
  if (!mayChange) return null;
  const unlink = async (): Promise<void> => {
    const path = `/people/${encodeURIComponent(scimId)}/unlink`;
    setDone(await call<Unlinked>(path, { method: 'POST', body: { account } }));
    setAsked(false);
  };
  const close = (): void => {
    setDone(undefined);
    onEnd();
  };
  return (
    <>
      <button
        type="button"
        class="small secondary"
        aria-label={`Not hers: unlink ${account} from ${name}`}
        onClick={() => setAsked(true)}
      >
        Not hers: unlink
      </button>
      {isAsked && (
        <Confirm
          title={`Is ${account} not the account of ${name}?`}
          deed="Unlink"
          isDangerous
          onConfirm={unlink}
          onCancel={() => setAsked(false)}
        >
          <p>Usher forgets that it is hers. The account and its rooms stay as they are.</p>
          <p>She is looked at within seconds: she gets another account, or is in conflict about this one.</p>
        </Confirm>
      )}
      {done !== undefined && <Left unlinked={done} name={name} onClose={close} />}
    </>
  );
}

type LeftProps = { readonly unlinked: Unlinked; readonly name: string; readonly onClose: () => void };

function Left({ unlinked: { account, left }, name, onClose }: LeftProps) {
  return (
    <Dialog title={`${account} is not linked to ${name} any more`} onCancel={onClose}>
      {left.length === 0 ? <p>Nothing of hers stays on it.</p> : left.map((text) => <p key={text}>{text}</p>)}
      <footer>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </footer>
    </Dialog>
  );
}
