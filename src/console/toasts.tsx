import { X } from 'lucide-preact';
import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useState } from 'preact/hooks';

type Toast = { readonly id: number; readonly kind: 'done' | 'failed'; readonly text: string };
type Tell = (kind: Toast['kind'], text: string) => void;

const ToastContext = createContext<Tell>(() => {});

/** Milliseconds. What failed stays until it is put away. */
const SHOWN = 8_000;

/** Tells in passing what was done, also to screen readers. */
export function useTell(): Tell {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { readonly children: ComponentChildren }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const remove = (id: number): void => setToasts((all) => all.filter((toast) => toast.id !== id));
  const tell = useCallback<Tell>((kind, text) => {
    const toast = { id: Math.random(), kind, text };
    setToasts((all) => [...all, toast]);
    if (kind === 'done') setTimeout(() => remove(toast.id), SHOWN);
  }, []);
  return (
    <ToastContext.Provider value={tell}>
      {children}
      <section class="toasts" aria-live="polite" aria-label="Messages">
        {toasts.map(({ id, kind, text }) => (
          <div key={id} class={`toast ${kind}`}>
            <span>{text}</span>
            <button type="button" class="plain" aria-label="Dismiss" onClick={() => remove(id)}>
              <X aria-hidden="true" />
            </button>
          </div>
        ))}
      </section>
    </ToastContext.Provider>
  );
}
