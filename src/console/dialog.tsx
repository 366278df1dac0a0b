import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { asProblem } from './use-data.ts';

type DialogProps = {
  readonly title: string;
  /** Escape does this; without it the dialog stays until something in it was done. */
  readonly onCancel?: (() => void) | undefined;
  /** For text whose lines are long. */
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
};

/** A modal dialog, there for as long as it is rendered; the browser keeps the focus in it and gives it back. */
export function Dialog({ title, onCancel, isWide, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const cancel = useRef(onCancel);
  cancel.current = onCancel;
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    dialog.showModal();
    // A browser may close it without asking, such as by the gesture for going back.
    const closed = (): void => {
      if (cancel.current === undefined) dialog.showModal();
      else cancel.current();
    };
    dialog.addEventListener('close', closed);
    return () => {
      dialog.removeEventListener('close', closed);
      dialog.close();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onCancel?.();
      }}
      // A browser lets the second Escape through without asking.
      onKeyDown={(event) => {
        if (event.key === 'Escape' && onCancel === undefined) event.preventDefault();
      }}
    >
      <article class={isWide ? 'wide' : undefined}>
        <h2 id={heading}>{title}</h2>
        {children}
      </article>
    </dialog>
  );
}

type ConfirmProps = {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the button says: the deed, not "OK". */
  readonly deed: string;
  readonly isDangerous?: boolean;
  readonly onConfirm: () => Promise<void>;
  readonly onCancel: () => void;
};

/** Asks before something is done; what goes wrong then is said in it. */
export function Confirm({ title, children, deed, isDangerous, onConfirm, onCancel }: ConfirmProps) {
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setWrong(undefined);
    try {
      await onConfirm();
    } catch (error) {
      setWrong(asProblem(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onCancel={onCancel}>
      {children}
      {wrong !== undefined && (
        <p class="notice bad" role="alert">
          {wrong}
        </p>
      )}
      <footer>
        <button type="button" class="secondary" onClick={onCancel}>
          Cancel
        </button>
        <button
          type="button"
          class={isDangerous ? 'danger' : undefined}
          aria-busy={isBusy}
          disabled={isBusy}
          onClick={() => void confirm()}
        >
          {deed}
        </button>
      </footer>
    </Dialog>
  );
}
