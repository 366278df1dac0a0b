import { useEffect, useId, useState } from 'preact/hooks';
import { type Query, useSettled } from './use-query.ts';

type FilterProps = { readonly query: Query; readonly name: string; readonly label: string };

/** A field that searches while one types. */
export function SearchField({ query, name, label, help }: FilterProps & { readonly help?: string }) {
  const id = useId();
  const inAddress = query.get(name);
  const [text, setText] = useState(inAddress);
  const settled = useSettled(text.trim());
  useEffect(() => {
    if (settled !== inAddress) query.set(name, settled);
  }, [settled]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="search"
        value={text}
        placeholder={help ?? ''}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </div>
  );
}

/** One of a few values; the first is the one without a filter. */
export function Choice({
  query,
  name,
  label,
  options,
}: FilterProps & { readonly options: readonly (readonly [value: string, words: string])[] }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={query.get(name)}
        onChange={(event) => query.set(name, event.currentTarget.value)}
      >
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
