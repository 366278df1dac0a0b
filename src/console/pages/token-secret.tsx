import { CopyField } from '../copy.tsx';
import { Dialog } from '../dialog.tsx';
import type { IssuedToken } from '../token.ts';

export type Shown = IssuedToken & {
  /** Set after a rotation: what becomes of the secret before. */
  readonly before?: string;
};

/** The one time that the secret is seen; Escape does not put it away. */
export function SecretShown({ token, secret, before, onClose }: Shown & { readonly onClose: () => void }) {
  return (
    <Dialog title={`The secret of ${token.name}`}>
      <p>
        It is shown this once and stored nowhere. Put it where it is needed now; if it is lost, rotate the
        token.
      </p>
      <CopyField label="Secret" text={secret} />
      {before !== undefined && <p>{before}</p>}
      <footer>
        <button type="button" onClick={onClose}>
          I have it
        </button>
      </footer>
    </Dialog>
  );
}
