import { Check, Copy } from 'lucide-preact';
import { useId, useRef, useState } from 'preact/hooks';

/** A text to take along, with a button that copies it. */
export function CopyField({ label, text }: { readonly label: string; readonly text: string }) {
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const [result, setResult] = useState<'copied' | 'failed'>();
  const copy = async (): Promise<void> => {
    field.current?.select();
    try {
      // Only there over HTTPS or on the machine itself.
      await navigator.clipboard.writeText(text);
      setResult('copied');
    } catch {
      setResult(document.execCommand('copy') ? 'copied' : 'failed');
    }
  };
  return (
    <>
      <label for={id}>{label}</label>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is Pico's too, and would ask for a legend. */}
      <div role="group">
        <input
          ref={field}
          id={id}
          class="code"
          readOnly
          value={text}
          onFocus={(e) => e.currentTarget.select()}
        />
        <button type="button" onClick={() => void copy()}>
          {result === 'copied' ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}{' '}
          {result === 'copied' ? 'Copied' : 'Copy'}
        </button>
      </div>
      <small role="status">
        {result === 'failed' ? 'The browser does not let us copy: press Ctrl+C, it is selected.' : ''}
      </small>
    </>
  );
}
