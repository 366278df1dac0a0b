import { useState } from 'preact/hooks';
import { Confirm } from '../dialog.tsx';
import { useTell } from '../toasts.tsx';
import type { IssuedToken, Token } from '../token.ts';
import { useKeeper } from '../use-session.ts';
import type { Shown } from './token-secret.tsx';

type Props = {
  readonly token: Token;
  readonly onSecret: (shown: Shown) => void;
  readonly onChange: () => void;
};

/** How long the secret before a rotation is taken yet. */
const KEPT = [
  { seconds: 86_400, words: 'for a day more' },
  { seconds: 7 * 86_400, words: 'for a week more' },
  { seconds: 3_600, words: 'for an hour more' },
  { seconds: 0, words: 'no more from now on (if it leaked)' },
] as const;

export function TokenActions({ token, onSecret, onChange }: Props) {
  const { call } = useKeeper();
  const tell = useTell();
  const [asked, setAsked] = useState<'rotate' | 'disable' | 'revoke'>();
  const [keepSeconds, setKeepSeconds] = useState<number>(KEPT[0].seconds);
  const { name, isDisabled } = token;
  const path = `/tokens/${encodeURIComponent(token.id)}`;
  const done = (text: string): void => {
    setAsked(undefined);
    tell('done', text);
    onChange();
  };
  const setDisabled = async (next: boolean): Promise<void> => {
    await call(path, { method: 'PATCH', body: { isDisabled: next } });
    done(`${name} is ${next ? 'disabled' : 'enabled'}.`);
  };
  const rotate = async (): Promise<void> => {
    const issued = await call<IssuedToken>(`${path}/rotate`, { method: 'POST', body: { keepSeconds } });
    const words = KEPT.find(({ seconds }) => seconds === keepSeconds)?.words ?? '';
    setAsked(undefined);
    onSecret({ ...issued, before: `The secret that it had is taken ${words}.` });
  };
  const revoke = async (): Promise<void> => {
    await call(path, { method: 'DELETE' });
    done(`${name} is revoked.`);
  };
  const cancel = (): void => setAsked(undefined);
  return (
    <>
      <button type="button" class="small" aria-label={`Rotate ${name}`} onClick={() => setAsked('rotate')}>
        Rotate
      </button>
      {isDisabled ? (
        <button
          type="button"
          class="small"
          aria-label={`Enable ${name}`}
          onClick={() => {
            setDisabled(false).catch((error: unknown) =>
              tell('failed', error instanceof Error ? error.message : String(error)),
            );
          }}
        >
          Enable
        </button>
      ) : (
        <button
          type="button"
          class="small"
          aria-label={`Disable ${name}`}
          onClick={() => setAsked('disable')}
        >
          Disable
        </button>
      )}
      <button
        type="button"
        class="small bad"
        aria-label={`Revoke ${name}`}
        onClick={() => setAsked('revoke')}
      >
        Revoke
      </button>
      {asked === 'rotate' && (
        <Confirm title={`Rotate ${name}?`} deed="Rotate" onConfirm={rotate} onCancel={cancel}>
          <p>It gets another secret, which is shown once.</p>
          <label>
            The secret that it has now is taken
            <select
              value={keepSeconds}
              onChange={({ currentTarget }) => setKeepSeconds(Number(currentTarget.value))}
            >
              {KEPT.map(({ seconds, words }) => (
                <option key={seconds} value={seconds}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        </Confirm>
      )}
      {asked === 'disable' && (
        <Confirm
          title={`Disable ${name}?`}
          deed="Disable"
          onConfirm={() => setDisabled(true)}
          onCancel={cancel}
        >
          <p>Whoever uses it is refused at once, until it is enabled again.</p>
        </Confirm>
      )}
      {asked === 'revoke' && (
        <Confirm
          title={`Revoke ${name}?`}
          deed="Revoke for good"
          isDangerous
          onConfirm={revoke}
          onCancel={cancel}
        >
          <p>
            Whoever uses it is refused from now on, for good. What came by it (people, groups, rooms) stays.
          </p>
        </Confirm>
      )}
    </>
  );
}
